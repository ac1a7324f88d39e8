"""Classes of particles: content that a spatial-VAE learned, or boxes aligned in space; a tree, averages and orders."""
