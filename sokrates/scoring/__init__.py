"""Scores of one trace (`score`) and metrics of many (`metrics`)."""
