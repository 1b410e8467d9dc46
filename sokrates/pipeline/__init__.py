"""What every stage stands on: the params, the record that a run leaves, the machine."""
