"""Options, proof states, the kernel that checks a step, traces as text, verification, proof search."""
