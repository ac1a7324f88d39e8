"""What counting, measuring and drawing the surface of a structure costs."""
