"""Classes of particles: what a spatial-VAE learned of their content, sorted by a tree, averaged and put in order."""
