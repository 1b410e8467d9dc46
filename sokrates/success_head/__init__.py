"""The success head q̂(s, ω): its features, its training and its calibration."""
