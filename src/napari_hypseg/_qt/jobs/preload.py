"""Libraries that the first labels layer and the first project need, imported on a thread before they are waited for.

None of them touches Qt. Together they take more than half a second, which the window would spend at the press of a
button.
"""

from importlib import import_module

LIBRARIES = (
    "pandas",
    "skimage.color.colorconv",
    "zarr",
    "napari_hypseg.pipeline",
    "napari_hypseg.project.project",
)
"""The first two are imported by napari for the features and the colours of the first labels layer."""


def preload() -> None:
    """Import `LIBRARIES`; at once where they are there already."""
    for name in LIBRARIES:
        import_module(name)
