"""Metrics with their intervals, calibration, and the files that plots are drawn from."""
