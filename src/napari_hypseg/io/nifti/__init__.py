"""NIfTI volumes of MRI and CT."""

from napari_hypseg.io.format import Format, lazy_function

FORMAT = Format(
    name="nifti",
    title="NIfTI volume",
    suffixes=(".nii.gz", ".nii"),
    read=lazy_function(f"{__name__}.reader", "read"),
    write_labels=lazy_function(f"{__name__}.writer", "write_labels"),
    write_volume=lazy_function(f"{__name__}.writer", "write_volume"),
    stored_dtype=lazy_function(f"{__name__}.writer", "stored_dtype"),
    written=(".nii.gz", ".nii"),
)
