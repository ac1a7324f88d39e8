"""OME-Zarr images and labels: folders of chunks."""

from napari_hypseg.io.format import Format, lazy_function

FORMAT = Format(
    name="ome-zarr",
    title="OME-Zarr image",
    suffixes=(".ome.zarr", ".zarr"),
    read=lazy_function(f"{__name__}.reader", "read"),
    write_labels=lazy_function(f"{__name__}.writer", "write_labels"),
    write_volume=lazy_function(f"{__name__}.writer", "write_volume"),
    holds_channels=True,
    is_folder=True,
    written=(".zarr", ".ome.zarr"),
    may_replace=lazy_function(f"{__name__}.writer", "is_export"),
)
