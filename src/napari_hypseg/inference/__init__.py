"""Inference: latent points of every block of a specimen, streamed through a trained model or looked up."""
