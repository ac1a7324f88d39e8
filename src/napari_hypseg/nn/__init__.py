"""Networks: encoders, latent space, gyroplane convolution, decoders and training losses."""
