"""What SFT and DPO share: settings, rows, checkpoints, memory, the forward pass."""
