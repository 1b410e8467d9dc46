"""The language model that writes proofs: loading, saving, the hub it may come from."""
