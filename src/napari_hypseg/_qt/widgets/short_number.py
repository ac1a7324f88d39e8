"""Numbers of voxels where there is little room."""

UNITS = ("", " k", " M", " G", " T")


def short_number(voxels: int) -> str:
    """A number of voxels in three digits: 999, 1 k, 45.6 k, 1.23 M."""
    value, power = float(f"{voxels:.3g}") if voxels >= 1000 else voxels, 0
    while value >= 1000:
        value, power = value / 1000, power + 1
    return f"{value:.3g}{UNITS[power]}"
