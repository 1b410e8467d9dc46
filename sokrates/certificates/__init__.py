"""Proofs for outside checkers: what a trace proves, in the form that another program accepts or refuses."""
