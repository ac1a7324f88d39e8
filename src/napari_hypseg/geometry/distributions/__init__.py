"""Distributions over a manifold that serve as priors and posteriors."""
