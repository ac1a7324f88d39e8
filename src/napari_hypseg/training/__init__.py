"""Training: crops, the loop with its guards, and checkpoints."""
