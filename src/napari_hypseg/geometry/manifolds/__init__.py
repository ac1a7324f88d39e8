"""Poincaré ball, sphere and Euclidean space behind one protocol, with hyperplanes and Fréchet means on them."""
