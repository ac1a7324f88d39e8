"""What else is in the field of a CT phantom: a holder that reaches for the specimen, or a second object."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from benchmarks.ct_phantom.body import Lump
from benchmarks.ct_phantom.frame import Frame, Vectors, rotation
from benchmarks.ct_phantom.surroundings import DISTRACTOR, MEDIUM, SPECIMEN, Labels
from napari_hypseg.volumes.box import Box

Distractor = Literal["holder", "object", "none"]
TOUCHING = 0.4  # of the holders
OBJECT = (0.02, 0.12)  # of the specimen's volume
TRIES = 60  # spots for an object before it is tried smaller
SMALLER = 0.85
ROUNDS = 20


def add_holder(labels: Labels, frame: Frame, upright: bool, rng: np.random.Generator) -> None:
    """Label a rod, pin or plate that comes from the border and ends at or before the specimen.

    Parameters
    ----------
    upright
        It comes along z (in a capillary nothing else is possible).
    """
    axis = 0 if upright or rng.random() < 0.6 else int(rng.integers(1, 3))
    way = int(rng.choice([-1, 1]))
    tip = _aim(labels, frame, axis, way, rng)
    direction = rng.normal(0, 0.12, 3)
    direction[axis] = way
    direction /= np.linalg.norm(direction)
    gap = 0.0 if rng.random() < TOUCHING else frame.scale * rng.uniform(0.01, 0.05)
    holder = _draw_holder(frame, tip + gap * direction, direction, rng)
    for index, slice_ in enumerate(labels):
        inside = holder.section(frame, index)
        slice_[inside & (slice_ != SPECIMEN)] = DISTRACTOR


def _aim(labels: Labels, frame: Frame, axis: int, way: int, rng: np.random.Generator) -> Vectors:
    """Where a line along `axis` that comes from outside against `way` first meets the specimen."""
    index = np.argwhere(labels[::2, ::2, ::2] == SPECIMEN) * 2
    low, high = np.quantile(index, [0.25, 0.75], axis=0)
    target = rng.uniform(low, high)
    aside = np.delete(index - target, axis, axis=1)
    near = index[np.abs(aside).max(axis=1) <= 0.03 * min(frame.shape) + 2]
    line = near if len(near) else index
    target[axis] = line[:, axis].max() if way > 0 else line[:, axis].min()
    return frame.position(target)


@dataclass(frozen=True, eq=False)
class _Holder:
    """A solid that starts at `tip` and goes on without end along the first row of `turn`.

    It is a rod of `radius`, drawn out `flat` times along the second row, that widens by `taper` per length.
    """

    tip: Vectors
    turn: Vectors
    radius: float
    flat: float
    taper: float

    def section(self, frame: Frame, index: int) -> npt.NDArray[np.bool_]:
        """Its voxels (y, x) in slice `index`."""
        _, y, x = frame.axes(Box((index, 0, 0), (index + 1, *frame.shape[1:])))
        z = float(frame.position((index, 0, 0))[0] - self.tip[0])
        y, x = y[0] - np.float32(self.tip[1]), x[0] - np.float32(self.tip[2])
        along, one, two = (row[0] * z + row[1] * y + row[2] * x for row in self.turn.astype(np.float32))
        aside = np.hypot(one / self.flat, two)
        blunt = np.sqrt(np.clip(along / self.radius, 0, 1))
        return np.asarray((along > 0) & (aside < self.radius * blunt + self.taper * np.maximum(along, 0)))


def _draw_holder(frame: Frame, tip: Vectors, direction: Vectors, rng: np.random.Generator) -> _Holder:
    """A rod, pin or plate (a rod drawn out to one side) from `tip` along `direction`."""
    turn = np.linalg.qr(np.column_stack([direction, rng.standard_normal((3, 2))]))[0].T
    turn[0] *= np.sign(turn[0] @ direction)
    flat = rng.uniform(3, 6) if rng.random() < 0.3 else 1.0
    radius = frame.scale * (rng.uniform(0.03, 0.065) if flat == 1 else rng.uniform(0.015, 0.025))
    return _Holder(tip, turn, radius, flat, rng.uniform(0.0, 0.15))


def add_object(labels: Labels, frame: Frame, rng: np.random.Generator) -> None:
    """Label a bubble, bead or piece of debris in the medium beside the specimen."""
    volume = float(np.count_nonzero(labels == SPECIMEN)) * float(np.prod(frame.voxel_size)) * rng.uniform(*OBJECT)
    radii = rng.uniform(0.8, 1.25, 3)
    radii *= (volume / (4 / 3 * np.pi * np.prod(radii))) ** (1 / 3)
    lump = _find_room(labels, frame, radii, rotation(rng), rng)
    box = frame.around(lump.centre, float(lump.radii.max()))
    part = labels[box.slices]
    part[(lump.distance(*frame.axes(box)) < 0) & (part != SPECIMEN)] = DISTRACTOR


def _find_room(labels: Labels, frame: Frame, radii: Vectors, turn: Vectors, rng: np.random.Generator) -> Lump:
    """Put an ellipsoid where all of it lies in the medium, smaller if need be."""
    ways = rng.standard_normal((200, 3))
    shell = ways / np.linalg.norm(ways, axis=1, keepdims=True)
    spots = np.flatnonzero(labels == MEDIUM)
    centre = np.zeros(3)
    for number in range(TRIES * ROUNDS):
        smaller = radii * SMALLER ** (number // TRIES)
        centre = frame.position(np.unravel_index(rng.choice(spots), labels.shape))
        reach = smaller + 0.012 * frame.scale
        points = np.rint(frame.index(np.concatenate([shell, 0.5 * shell]) * reach @ turn + centre)).astype(int)
        if (points < 0).any() or (points >= labels.shape).any():
            continue
        if (labels[tuple(points.T)] == MEDIUM).all():
            return Lump(centre, smaller, turn)
    return Lump(centre, radii * SMALLER**ROUNDS, turn)
