"""Traces from a policy: the request, the sampler, one file for each engine."""
