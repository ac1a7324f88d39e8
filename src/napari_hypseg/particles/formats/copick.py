"""Picks of copick (``USER_SESSION_OBJECT.json``), as they lie in ``ExperimentRuns/RUN/Picks`` of its projects.

The file is written as copick's own data model has it. The library itself cannot be installed beside this one, since it
needs zarr 2.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.errors import InputError
from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.formats.picks import Picks
from napari_hypseg.particles.orientations import from_matrices, matrices
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid

DIGITS = 4


def read(path: Path, grid: TomogramGrid, settings: FileSettings) -> Picks:
    """Picks of one object; the translation of a point's transformation is added to its place.

    Raises
    ------
    InputError
        If points are missing, or their unit is not Å.
    """
    record = json.loads(path.read_text("utf-8"))
    points = record.get("points") if isinstance(record, dict) else None
    if not isinstance(points, list):
        raise InputError(f"{path} has no points; choose the file of picks of a copick project.")
    if record.get("unit", "angstrom") != "angstrom":
        raise InputError(f"{path} gives places in {record['unit']}; copick's unit is angstrom: export it again.")
    try:
        places = np.array([[point["location"][axis] for axis in "zyx"] for point in points], dtype=np.float64)
        turned = np.array([point.get("transformation_") or np.eye(4).tolist() for point in points], dtype=np.float64)
        turned = turned.reshape(-1, 4, 4)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path} has a point without x, y and z or a 4 × 4 transformation; export it again."
        ) from error
    places = (places.reshape(-1, 3) + turned[:, 2::-1, 3]) / np.array(grid.angstroms())
    known = record.get("trust_orientation", True) and bool((turned[:, :3, :3] != np.eye(3)).any())
    scores = np.array([1.0 if (score := point.get("score")) is None else float(score) for point in points])
    parents = np.array([float(point.get("instance_id") or 0) for point in points])
    scalars = {"score": scores, **({"parent": parents} if parents.any() else {})}
    return Picks(places, from_matrices(turned[:, :3, :3]) if known and len(turned) else None, scalars)


def text(particles: ParticleSet, settings: FileSettings) -> str:
    """A file of picks.

    Raises
    ------
    InputError
        If the voxel size is not known.
    """
    places = np.round(particles.positions * np.array(particles.grid.angstroms()), DIGITS)
    transformations = np.tile(np.eye(4), (len(particles), 1, 1))
    transformations[:, :3, :3] = matrices(particles.quaternions)
    ones = np.ones(len(particles))
    scores, parents = particles.scalars.get("score", ones), particles.scalars.get("parent", ones * 0)
    record: dict[str, Any] = {
        "pickable_object_name": object_name(particles.name),
        "user_id": settings.user_id,
        "session_id": settings.session_id,
        "run_name": settings.tomo_name or particles.grid.name,
        "voxel_spacing": float(np.mean(particles.grid.angstroms())),
        "unit": "angstrom",
        "points": [
            {
                "location": {"x": x, "y": y, "z": z},
                "transformation_": transformation,
                "instance_id": int(parent),
                "score": float(score),
            }
            for (z, y, x), transformation, parent, score in zip(
                places.tolist(), transformations.tolist(), parents, scores, strict=True
            )
        ],
        "trust_orientation": particles.orientations is not None,
    }
    return json.dumps(record, indent=2) + "\n"


def object_name(name: str) -> str:
    """A name as copick allows it: letters, digits, hyphens and points."""
    return "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in name) or "particle"
