"""Clustering of points on a manifold: k-means with the manifold's distance and Fréchet means."""
