"""Segmentations of real volumes: what can be selected."""
