"""Particles of a tomogram: found in structures or read from files, counted, cut out, and handed to other programs."""
