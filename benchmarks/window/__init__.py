"""How fast the window starts and responds."""
