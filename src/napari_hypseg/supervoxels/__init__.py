"""Supervoxels: watershed basins, merged by similarity and grouped into the leaves of the hierarchy."""
