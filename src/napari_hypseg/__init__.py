"""napari-hypseg: interactive, unsupervised, hierarchical segmentation of 3D volumes."""
