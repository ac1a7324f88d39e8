"""TIFF stacks: ImageJ's, OME's, and plain ones."""

from napari_hypseg.io.format import Format, lazy_function

FORMAT = Format(
    name="tiff",
    title="TIFF stack",
    suffixes=(".tif", ".tiff", ".ome.tif", ".ome.tiff"),
    read=lazy_function(f"{__name__}.reader", "read"),
    write_labels=lazy_function(f"{__name__}.writer", "write_labels"),
    write_volume=lazy_function(f"{__name__}.writer", "write_volume"),
    holds_channels=True,
    written=(".tif", ".tiff"),
)
