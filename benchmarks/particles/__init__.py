"""What the spatial-VAE finds of content and pose of generated particles, beside a plain VAE."""
