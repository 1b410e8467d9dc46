"""Supervised fine-tuning, preference pairs and DPO."""
