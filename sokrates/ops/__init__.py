"""Running it: what a machine offers and a run needs, outs on a remote, plots as pictures."""
