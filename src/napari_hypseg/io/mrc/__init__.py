"""MRC maps: tomograms of IMOD, RELION, Warp and the maps of the EMDB."""

from napari_hypseg.io.format import Format, lazy_function

SUFFIXES = (".mrc", ".rec", ".map", ".st", ".ali")

FORMAT = Format(
    name="mrc",
    title="MRC map",
    suffixes=tuple(plain + packed for packed in ("", ".gz", ".bz2") for plain in SUFFIXES),
    read=lazy_function(f"{__name__}.reader", "read"),
    write_labels=lazy_function(f"{__name__}.writer", "write_labels"),
    write_volume=lazy_function(f"{__name__}.writer", "write_volume"),
    stored_dtype=lazy_function(f"{__name__}.writer", "stored_dtype"),
    written=SUFFIXES,
)
