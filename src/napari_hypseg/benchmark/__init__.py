"""What the project claims, measured again by anybody: one module for each benchmark, and what they share."""
