"""How the content of boxes lies, as a table of classes says."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.particles.classes.sorted_particles import ANGLE, read_columns

Floats = npt.NDArray[np.float64]
CENTRES = ("centre_z", "centre_y", "centre_x")
VECTOR = ("rotation_z_deg", "rotation_y_deg", "rotation_x_deg")


@dataclass(frozen=True, eq=False)
class BoxPoses:
    """How the content of n boxes lies.

    Parameters
    ----------
    classes
        int64 (n,): class of each, 0 for none.
    rotations
        float64 (n, 3, 3): from the reference to the box, acting on columns (z, y, x).
    centres
        float64 (n, 3), order zyx: the middle of the content, in voxels of the box from the middle of its grid.
    in_plane
        Whether only a turn in the plane (y, x) is known.
    """

    classes: npt.NDArray[np.int64]
    rotations: Floats
    centres: Floats
    in_plane: bool

    def __len__(self) -> int:
        return len(self.classes)


def read_box_poses(path: Path) -> BoxPoses:
    """The poses in a table that `hypseg classify --out` has written, one for each box of its stack.

    Raises
    ------
    InputError
        If it cannot be read, or has no poses.
    """
    columns = read_columns(path)
    in_space = all(name in columns for name in VECTOR)
    missing = [name for name in ("class", *CENTRES[1:]) if name not in columns]
    missing += [] if in_space or ANGLE in columns else [ANGLE]
    if missing:
        raise InputError(
            f"{path.name} has no column {', '.join(missing)}; choose a table that hypseg classify has written."
        )
    nothing = np.zeros(len(columns["class"]))
    centres = np.stack([columns.get(name, nothing) for name in CENTRES], axis=1)
    turned = _about_axes(np.stack([columns[name] for name in VECTOR], 1)) if in_space else _about_z(columns[ANGLE])
    return BoxPoses(columns["class"].astype(np.int64), turned, centres, CENTRES[0] not in columns)


def _about_z(degrees: Floats) -> Floats:
    from torch import from_numpy

    from napari_hypseg.nn.spatial.rotations import axial_rotation

    return np.asarray(axial_rotation(from_numpy(np.radians(degrees))).numpy())


def _about_axes(degrees: Floats) -> Floats:
    from torch import from_numpy

    from napari_hypseg.nn.spatial.rotations import rotation_of_vector

    return np.asarray(rotation_of_vector(from_numpy(np.radians(degrees))).numpy())
