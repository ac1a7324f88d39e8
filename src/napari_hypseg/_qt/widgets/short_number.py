"""Numbers of voxels where there is little room."""


def short_number(voxels: int) -> str:
    """A number of voxels in three digits."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if voxels >= limit:
            return f"{voxels / limit:.3g} {unit}"
    return str(voxels)
