"""Agglomeration: from leaves to their merge tree, by one of several linkages."""
