"""Encoding: streaming a volume through a model, and the prototypes that turn points into leaves."""
