"""One row a particle: class, place in the gallery, content, pose and how sure it is."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.particles.classes.particle_content import ParticleContent
from napari_hypseg.storage.atomic import write_bytes

if TYPE_CHECKING:
    from napari_hypseg.particles.classes.classify import Classified

AXES = "zyx"
Column = npt.NDArray[Any]


def class_columns(found: "Classified") -> dict[str, Column]:
    """Columns (n,) by name.

    ``angle_deg`` is θ of eq. 2 of Bepler et al.: by how much the particle is turned from the reference, clockwise as an
    image is displayed with y downwards. In space, ``rotation_z`` … are the rotation vector instead, in degrees.
    ``centre_…`` is where the middle of the content lies, in pixels from the middle of the box.
    """
    poses = found.poses
    n, d = poses.shifts.shape
    place = np.empty(n, dtype=np.int64)
    place[found.tree.order()] = np.arange(n)
    columns: dict[str, Column] = {"particle": np.arange(1, n + 1), "class": found.classes, "place": place + 1}
    columns |= ParticleContent(poses.points, found.curvature).columns()
    angles = np.degrees(found.angles)
    names = ["angle_deg"] if angles.shape[1] == 1 else [f"rotation_{axis}_deg" for axis in AXES]
    columns |= dict(zip(names, angles.T, strict=True))
    columns |= {f"centre_{axis}": column for axis, column in zip(AXES[-d:], poses.centres.T, strict=True)}
    return columns | {"doubt": poses.doubt, "elbo": poses.elbo}


def write_class_table(path: Path, columns: dict[str, Column]) -> None:
    """Write the columns as CSV, whole or not at all.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(_words(column) for column in columns.values()), strict=True))
    write_bytes(path, text.getvalue().encode())


def _words(column: Column) -> list[Any]:
    return [f"{value:.6g}" if isinstance(value, float) else value for value in column.tolist()]
