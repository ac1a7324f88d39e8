"""Networks: encoder, latent space, gyroplane convolution, decoder and the losses that train them."""
