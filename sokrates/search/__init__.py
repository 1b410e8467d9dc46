"""What finds proofs: forward chaining, natural deduction, exploring, the options that are valid in a state."""
