"""Images and subvolumes as functions of their coordinates, with pose set apart from content (Bepler et al. 2019)."""
