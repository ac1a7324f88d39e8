"""Files of particles: one module for each program they come from or go to."""
