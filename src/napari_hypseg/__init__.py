"""napari-hypseg: interactive, unsupervised, hierarchical segmentation of 3D volumes.

The public names stand in ``__init__.pyi``. They are imported when they are first used, so that importing the package
loads neither torch nor napari.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
