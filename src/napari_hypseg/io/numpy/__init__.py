"""NumPy's own files, which hold voxels alone."""

from napari_hypseg.io.format import Format, lazy_function

FORMAT = Format(
    name="numpy",
    title="NumPy array",
    suffixes=(".npy", ".npz"),
    read=lazy_function(f"{__name__}.npy", "read"),
    write_volume=lazy_function(f"{__name__}.npy", "write_volume"),
    written=(".npy",),
)
