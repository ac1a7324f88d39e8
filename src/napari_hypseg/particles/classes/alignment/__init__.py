"""Subtomogram alignment: boxes sorted and turned by likelihood, what a missing wedge left out being unknown."""
