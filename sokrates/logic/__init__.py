"""Formulas, their two notations (FOL and controlled English) and entailment."""
