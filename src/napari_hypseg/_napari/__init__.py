"""napari without Qt: reader, writer, sample data, and layers that follow the hierarchy.

The reader, writer and sample-data modules import napari inside functions, so that finding out whether a file can be
read costs nothing.
"""
