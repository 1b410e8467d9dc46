"""Supervised fine-tuning on gold traces."""
