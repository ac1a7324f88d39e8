"""A simulated tomogram from voxels to kinds: segmented, clicked in, counted, boxes cut out, sorted and aligned."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.metrics import adjusted_rand_score

from benchmarks.particles.boxes import rotation_errors
from benchmarks.particles.posed_images import Floats
from benchmarks.particles.protein_shapes import PROTEINS
from benchmarks.particles.simulated_tomogram import EDGE, TILT_RANGE, SimulatedTomogram, boxes_at
from napari_hypseg.hierarchy.contingency import contingency_job
from napari_hypseg.hierarchy.simulated_clicks import selected_by_clicks
from napari_hypseg.jobs import Job
from napari_hypseg.particles.classes.alignment.align import Alignment, align_job
from napari_hypseg.particles.classes.alignment.settings import AlignmentSettings
from napari_hypseg.particles.pick_settings import PickSettings
from napari_hypseg.particles.picking import pick_particles_job
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.pipeline.run import run
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.structures.instances import InstanceSettings
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import Volume

CLICKS = 3
STEPS = 60
"""Of learning, before the tomogram is segmented."""
ALIGNMENT = AlignmentSettings(tilt_range=TILT_RANGE)
PIECES = InstanceSettings(split_touching=True, min_voxels=100)
REACH = 6.0
"""Voxels from the true position within which a particle counts as found."""
NEAR = 20.0
"""Degrees within which a rotation is right."""


@dataclass(frozen=True)
class Count:
    """Particles that were found: how many, and which shares of them are true and of the true ones are among them."""

    found: int
    precision: float
    recall: float
    distance: float


@dataclass(frozen=True)
class KindAngles:
    """Of one kind: median error of the rotation in degrees, the share within `NEAR`, and the same of its axis z.

    Parameters
    ----------
    error, right
        Up to one rotation of the content; of a kind that has an axis, of that axis.
    axis_error, axis_right
        Of the axis z alone.
    """

    kind: str
    error: float
    right: float
    axis_error: float
    axis_right: float


@dataclass(frozen=True)
class TomogramScore:
    """What was found in a simulated tomogram.

    Parameters
    ----------
    snr, noise, seed
        What was simulated.
    count
        Of particles.
    rand
        Adjusted Rand index of the classes with the true kinds, over the true ones among the particles found.
    angles
        Of each kind.
    seconds
        Of processor time for sorting and aligning.
    """

    snr: float
    noise: str
    seed: int
    count: Count
    rand: float
    angles: tuple[KindAngles, ...]
    seconds: float


def count_job(made: SimulatedTomogram, seed: int, steps: int = STEPS) -> Job[tuple[Floats, Count]]:
    """Positions (m, 3) of particles as a person would find them, and how they agree with the true ones.

    The tomogram is learned from and segmented, a simulated person selects the particles by `CLICKS` clicks, and the
    pieces of what is selected are parted where they touch.
    """
    grid = TomogramGrid("simulated", (made.grey.shape[0], made.grey.shape[1], made.grey.shape[2]))
    settings = RunSettings.check({"training": {"steps": steps, "device": "cpu", "seed": seed}})
    with tempfile.TemporaryDirectory() as folder:
        project = Project.create(Path(folder) / "run", [Specimen(Volume((made.grey,)))], settings)
        yield from run(project)
        project.reload()
        leaves, trees = np.asarray(project.leaves[0][:]), list(project.hierarchies.values())
    table = yield from contingency_job(leaves, made.inside.astype(np.uint8), trees[0].n_leaves)
    selected = selected_by_clicks(table, trees, [1], CLICKS, trials=1)[0]
    mask = np.concatenate([[False], selected])[leaves]
    found = yield from pick_particles_job(mask, grid, PickSettings(), PIECES)
    pairs = matched(found.positions, made.positions)
    off = np.linalg.norm(found.positions[pairs[0]] - made.positions[pairs[1]], axis=1)
    count = Count(len(found), len(off) / len(found), len(off) / len(made.positions), float(off.mean()))
    return found.positions, count


def matched(found: Floats, true: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows of `found` (m, 3) and of `true` (n, 3) that belong together, one to one and within `REACH`."""
    from scipy.optimize import linear_sum_assignment

    distances = np.linalg.norm(found[:, None] - true[None], axis=2)
    rows, columns = linear_sum_assignment(np.minimum(distances, 2 * REACH))
    near = distances[rows, columns] <= REACH
    return rows[near], columns[near]


def tomogram_score_job(
    made: SimulatedTomogram,
    snr: float,
    noise: str,
    seed: int,
    steps: int = STEPS,
    settings: AlignmentSettings = ALIGNMENT,
) -> Job[TomogramScore]:
    """Count particles, sort them into as many classes as there are kinds, and score classes and rotations.

    Parameters
    ----------
    made
        The tomogram.
    snr, noise, seed
        What it was made with.
    steps
        Of learning, before the tomogram is segmented.
    settings
        Of the alignment.
    """
    positions, count = yield from count_job(made, seed, steps)
    inner = ((positions >= EDGE // 2) & (positions <= np.array(made.grey.shape) - 1 - EDGE // 2)).all(1)
    positions = positions[inner]
    boxes = boxes_at(made.grey, positions).astype(np.float32)
    rows, true = matched(positions, made.positions)
    began = time.process_time()
    found = yield from align_job(boxes, len(PROTEINS), settings.model_copy(update={"seed": seed}))
    seconds = time.process_time() - began
    rand = float(adjusted_rand_score(made.kinds[true], found.classes[rows]))
    angles = tuple(_angles(kind, found, made, rows, true) for kind in range(len(PROTEINS)))
    return TomogramScore(snr, noise, seed, count, rand, angles, seconds)


def _angles(
    kind: int, found: Alignment, made: SimulatedTomogram, rows: npt.NDArray[np.int64], true: npt.NDArray[np.int64]
) -> KindAngles:
    """Errors of the particles of a kind that are in the class in which most of it is."""
    of_kind = made.kinds[true] == kind
    if not of_kind.any():
        return KindAngles(PROTEINS[kind].name, *[float("nan")] * 4)
    chosen = of_kind & (found.classes[rows] == np.bincount(found.classes[rows[of_kind]]).argmax())
    rotations = found.rotations[rows[chosen]].astype(np.float64), made.rotations[true[chosen]]
    axis = axis_errors(*rotations)
    whole = axis if PROTEINS[kind].has_axis else rotation_errors(*rotations)
    numbers = (
        float(np.median(whole)),
        float((whole < NEAR).mean()),
        float(np.median(axis)),
        float((axis < NEAR).mean()),
    )
    return KindAngles(PROTEINS[kind].name, *numbers)


def axis_errors(found: Floats, true: Floats) -> Floats:
    """Angles (n,) in degrees between the axis z as it is turned by rotations (n, 3, 3), up or down alike.

    As for `rotation_errors`, the axis of the content is the one that fits best.
    """
    seen = np.einsum("nji,nj->ni", found, true[:, :, 0])
    axis = np.linalg.eigh(seen.T @ seen)[1][:, -1]
    return np.asarray(np.degrees(np.arccos(np.clip(np.abs(seen @ axis), 0, 1))))
