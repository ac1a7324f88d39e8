"""Points spread evenly over the surface of a structure, such as the spikes on an envelope, each along its normal."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import SettingError
from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.particles.orientations import along_normals
from napari_hypseg.particles.parents import assign_parents_job
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.pick_settings import PickSettings
from napari_hypseg.particles.spacing import spaced_job
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.structures.instances import InstanceSettings, instances_job
from napari_hypseg.structures.surface_mesh import SurfaceSettings, surface_mesh_job
from napari_hypseg.volumes import LazyArray

Floats = npt.NDArray[np.float64]
CANDIDATES = 16
"""Random points for each square of the spacing, of which about one stays."""
MAX_CANDIDATES = 4_000_000
CUT = 0.7
"""Cosine from which a normal at the border of the volume is that of the cut, not of the structure."""


def surface_points_job(
    mask: LazyArray, grid: TomogramGrid, settings: PickSettings, pieces: InstanceSettings
) -> Job[ParticleSet]:
    """Points on the surface of a mask, at least the spacing apart, as dense as that allows.

    They are taken from random points in a fixed order (Poisson-disk sampling), so that the same mask gives the same.
    Where the volume cuts the structure off there are none. Pieces that do not count have none, and what is outer is
    told piece by piece.

    Raises
    ------
    SettingError
        If there is no spacing, or it is so small that there would be too many points.
    """
    if settings.spacing is None:
        raise SettingError(f"Say how far apart the points on a surface are to be, in {grid.unit}.", setting="spacing")
    smooth = SurfaceSettings(smoothing=settings.surface_smoothing)
    found = yield from instances_job(mask, grid.voxel_size, pieces)
    mesh = yield from surface_mesh_job(found.data, grid.voxel_size, (0.0, 0.0, 0.0), smooth)
    vertices, faces = mesh.vertices.astype(np.float64), mesh.faces
    corners = vertices[faces]
    across = np.cross(corners[:, 1, ::-1] - corners[:, 0, ::-1], corners[:, 2, ::-1] - corners[:, 0, ::-1])[:, ::-1]
    areas = np.linalg.norm(across, axis=1) / 2
    normals = _vertex_normals(faces, across, len(vertices))
    yield Progress(Stage.PICK, 1, 4)
    kept = areas > 0
    if settings.side == "outer":
        centres = corners.mean(axis=1)
        numbers = yield from assign_parents_job(ParticleSet(grid, centres / grid.voxel_size), found, np.inf)
        kept &= ((centres - _middles(numbers, areas, centres)) * across).sum(axis=1) > 0
    yield Progress(Stage.PICK, 2, 4)
    points, directions = _scattered(corners[kept], normals[faces[kept]], areas[kept], settings.spacing)
    wanted = _inside(points / grid.voxel_size, directions, grid, settings.surface_smoothing)
    points, directions = points[wanted], directions[wanted]
    rows = yield from spaced_job(points, settings.spacing, range(len(points)))
    points = points[rows] + settings.offset * directions[rows]
    return ParticleSet(grid, points / grid.voxel_size, along_normals(directions[rows]))


def _vertex_normals(faces: npt.NDArray[np.int32], across: Floats, count: int) -> Floats:
    """Unit normals (count, 3) of the vertices: means over their triangles by area, order zyx."""
    normals = np.zeros((count, 3))
    for corner in faces.T:
        for axis in range(3):
            normals[:, axis] += np.bincount(corner, weights=across[:, axis], minlength=count)
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30))


def _middles(numbers: npt.NDArray[np.int64], areas: Floats, centres: Floats) -> Floats:
    """For each triangle (m, 3) the middle of the surface of its piece, of the triangles' pieces, areas and centres."""
    weights = np.maximum(np.bincount(numbers, weights=areas), 1e-30)
    sums = np.stack([np.bincount(numbers, weights=centres[:, axis] * areas) for axis in range(3)], axis=1)
    return np.asarray((sums / weights[:, None])[numbers])


def _scattered(corners: Floats, normals: Floats, areas: Floats, spacing: float) -> tuple[Floats, Floats]:
    """Random points (n, 3) on triangles (m, 3, 3), and the normals (n, 3) there."""
    total = float(areas.sum())
    count = int(np.ceil(CANDIDATES * total / spacing**2)) + CANDIDATES if total else 0
    if count > MAX_CANDIDATES:
        smallest = np.sqrt(CANDIDATES * total / MAX_CANDIDATES)
        raise SettingError(
            f"A spacing of {spacing:g} would give about {round(0.7 * total / spacing**2)} points on this surface; "
            f"choose at least {smallest:.3g}.",
            setting="spacing",
        )
    rng = np.random.default_rng(0)
    face = rng.choice(len(areas), count, p=areas / total) if count else np.zeros(0, np.int64)
    one, other = rng.random((2, count))
    root = np.sqrt(one)
    weights = np.stack([1 - root, root * (1 - other), root * other], axis=1)[:, :, None]
    directions = (weights * normals[face]).sum(axis=1)
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    return (weights * corners[face]).sum(axis=1), directions / np.maximum(lengths, 1e-30)


def _inside(places: Floats, normals: Floats, grid: TomogramGrid, smoothing: float) -> npt.NDArray[np.bool_]:
    """Points whose surface is that of the structure and not the cut at the border; `places` (n, 3) are voxels."""
    margins = 0.5 + smoothing * min(grid.voxel_size) / np.array(grid.voxel_size)
    low = (places < margins) & (normals < -CUT)
    high = (places > np.array(grid.shape) - 1 - margins) & (normals > CUT)
    return np.asarray(~(low | high).any(axis=1))
