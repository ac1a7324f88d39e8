"""Libraries that the first labels layer, project and plot need, imported before they are waited for.

Most touch no Qt and are imported on a thread. Together they take more than half a second, which the window would spend
at the press of a button.
"""

from importlib import import_module

from napari_hypseg._qt.jobs.tasks import Steps

LIBRARIES = (
    "pandas",
    "skimage.color.colorconv",
    "zarr",
    "napari_hypseg.pipeline",
    "napari_hypseg.project.project",
    "cProfile",
    "xml.etree.ElementTree",
)
"""napari imports the first two for the features and the colours of the first labels layer, `PLOTS` the last two."""
PLOTS = "pyqtgraph"


def preload() -> None:
    """Import `LIBRARIES`; at once where they are there already."""
    for name in LIBRARIES:
        import_module(name)


def preloading() -> Steps:
    """Import everything; `PLOTS` last and not on a thread, where classes of Qt must not be made."""
    yield preload
    yield None
    import_module(PLOTS)
