"""HDF5 files as ilastik, PlantSeg, Fiji and many others write them: volumes and labels as data sets of a name."""

from napari_hypseg.io.format import Format, lazy_function

FORMAT = Format(
    name="hdf5",
    title="HDF5 file",
    suffixes=(".h5", ".hdf5", ".hdf"),
    read=lazy_function(f"{__name__}.reader", "read"),
    write_labels=lazy_function(f"{__name__}.writer", "write_labels"),
    write_volume=lazy_function(f"{__name__}.writer", "write_volume"),
    holds_channels=True,
    datasets=lazy_function(f"{__name__}.reader", "dataset_paths"),
    written=(".h5", ".hdf5"),
)
