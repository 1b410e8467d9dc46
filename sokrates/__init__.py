"""SOKRATES: language models that reason in steps a solver has checked."""
