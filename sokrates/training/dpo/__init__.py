"""Preference pairs and direct preference optimisation."""
