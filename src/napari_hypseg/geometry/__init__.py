"""Spaces a latent point can live in, and distributions over them: pure functions of tensors, channel last."""
