"""Policies on held-out problems: metrics with intervals, calibration, data for the plots."""
