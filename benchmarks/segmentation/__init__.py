"""Baselines and budgets that both segmentation benchmarks share."""
