"""Strategies at test time: what to try, what to keep, and what the kernel has a say in."""
