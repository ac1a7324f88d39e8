"""Colours of the nodes of a hierarchy."""
