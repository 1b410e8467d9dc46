"""What finds proofs: forward chaining, natural deduction, the options that are valid in a state."""
