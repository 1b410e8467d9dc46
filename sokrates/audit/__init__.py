"""Traces, labels, chains of thought and gold chains that others wrote, read and judged."""
