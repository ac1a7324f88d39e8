"""Manifolds of the latent space and distributions over them: pure functions of tensors, channel last."""
