"""The Problem record, the sources that problems come from, and gold traces."""
