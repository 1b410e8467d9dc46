"""What judges: options, the kernel, traces as text, verification, the Problem and Trace records."""
