"""Segmentations of generated tomograms: matched Dice."""
