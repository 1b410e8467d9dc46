"""Where problems come from: sources, the generator, the split, gold traces."""
