"""The language model that writes proofs: loading, sampling, and the success head that foresees verdicts."""
