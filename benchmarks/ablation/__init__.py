"""What each part of the default adds: leaves and trees made again with one part changed."""
