"""How descriptors are laid out; what reads a project asks for it, so there are no networks here."""

RESPONSES = 3
"""Values of each width: local mean, local standard deviation, gradient magnitude."""
