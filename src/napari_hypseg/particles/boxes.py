"""Boxes around particles, cut out as they are asked for: what classes, galleries and averages are made from."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.particles.box_settings import BoxSettings
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.volumes import Box, Index3, LazyArray

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Grey = npt.NDArray[np.float32]
BATCH_BYTES = 1 << 25
"""Bytes of the boxes of a batch, about."""
NEIGHBOURHOOD = 64
"""Edge in voxels of the cubes in which particles are visited one after the other: a chunk of most files."""
FLAT = 1e-6
"""Standard deviation, relative to the largest value, below which a box is flat and stays 0."""


class ParticleBoxes:
    """A lazy array (n, b, b, b), float32, of the boxes around particles; nothing is read before it is asked for.

    The middle of a box is its voxel ``b // 2`` along each axis, as in RELION and Dynamo, for odd and even sizes alike.
    Boxes begin at whole voxels; how far the particle then lies from that middle is in `shifts`.

    Parameters
    ----------
    particles
        Where.
    channel
        The tomogram (z, y, x).
    settings
        Size, binning, and what happens to grey values and at the border.

    Attributes
    ----------
    rows
        int64 (n,): place in `particles` of each box.
    border_rows
        int64 (m,): particles whose box reaches beyond the tomogram, whether or not they are left out.
    shifts
        float64 (n, 3), order zyx, in voxels of the box: position of the particle relative to the middle of its box,
        within ±0.5 without binning and less with.

    Raises
    ------
    InputError
        If a box is larger than the tomogram, or none lies inside it.
    """

    def __init__(self, particles: ParticleSet, channel: LazyArray, settings: BoxSettings) -> None:
        self.particles, self.settings, self._channel = particles, settings, channel
        self._grid = Box.whole(channel.shape)
        _check_fits(particles, settings, self._grid.shape)
        middle = (settings.box_size // 2) * settings.box_binning + (settings.box_binning - 1) / 2
        starts = np.floor(particles.positions - middle + 0.5).astype(np.int64)
        shifts = (particles.positions - middle - starts) / settings.box_binning
        beyond = (starts < 0).any(axis=1) | (starts + settings.extent > np.array(self._grid.shape)).any(axis=1)
        outside = (starts + settings.extent <= 0).any(axis=1) | (starts >= np.array(self._grid.shape)).any(axis=1)
        self.border_rows: Rows = np.flatnonzero(beyond)
        self.rows: Rows = np.flatnonzero(~(beyond if settings.border == "skip" else outside))
        if len(particles) and not len(self.rows):
            raise InputError(
                f"None of the {len(particles)} boxes of {settings.extent} voxels lies inside {particles.grid.name}; "
                "choose a smaller box, or let the border be filled."
            )
        self._starts, self.shifts = starts[self.rows], shifts[self.rows]

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Boxes, and their edges."""
        edge = self.settings.box_size
        return len(self.rows), edge, edge, edge

    @property
    def dtype(self) -> np.dtype[np.float32]:
        """float32."""
        return np.dtype(np.float32)

    @property
    def ndim(self) -> int:
        """4."""
        return 4

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: Any) -> Grey:
        """A box, or the boxes (m, b, b, b) at a slice, places or a mask; further indices are taken of what is read."""
        first, rest = (index[0], index[1:]) if isinstance(index, tuple) else (index, ())
        places = np.arange(len(self))[first]
        if np.ndim(places) == 0:
            return np.asarray(self._box(int(places))[rest])
        made = np.empty((len(places), *self.shape[1:]), dtype=np.float32)
        for number, place in enumerate(places):
            made[number] = self._box(int(place))
        return made[(slice(None), *rest)]

    def border_note(self) -> str | None:
        """A sentence about boxes that reach beyond the tomogram, None if none does."""
        number = len(self.border_rows)
        if not number:
            return None
        done = "left out" if self.settings.border == "skip" else "filled with the mean of what is there"
        verbs = ("reaches", "is") if number == 1 else ("reach", "are")
        of = f"{number} of the {len(self.particles)} boxes"
        return f"{of} {verbs[0]} beyond {self.particles.grid.name} and {verbs[1]} {done}."

    def batches(self, batch_bytes: int = BATCH_BYTES) -> Iterator[tuple[Rows, Grey]]:
        """All boxes in batches: their places in this array (m,) and the boxes (m, b, b, b).

        Neighbours come one after the other, so that a chunked file is unpacked as seldom as can be.
        """
        step = max(1, batch_bytes // (4 * self.settings.box_size**3))
        cubes = self._starts // NEIGHBOURHOOD
        order = np.lexsort((*self._starts.T[::-1], *cubes.T[::-1]))
        for first in range(0, len(order), step):
            places = order[first : first + step]
            yield places, self[places]

    def _box(self, place: int) -> Grey:
        z, y, x = (int(start) for start in self._starts[place])
        extent = self.settings.extent
        box = Box((z, y, x), (z + extent, y + extent, x + extent))
        values = _binned(self._read(box), self.settings.box_binning)
        values = normalised(values, self.settings.normalise)
        return -values if self.settings.invert else values

    def _read(self, box: Box) -> Grey:
        inside = box.intersect(self._grid)
        values = np.asarray(self._channel[inside.slices]).astype(np.float32)
        if not np.isfinite(values).all():
            values = np.where(np.isfinite(values), values, _finite_mean(values))
        if inside == box:
            return values
        whole = np.full(box.shape, values.mean(dtype=np.float64), dtype=np.float32)
        z, y, x = box.start
        whole[inside.shift((-z, -y, -x)).slices] = values
        return whole


def normalised(box: Grey, how: str) -> Grey:
    """A box (b, b, b) with mean 0 and standard deviation 1 of all of it (``"box"``) or its ``"background"``; 0 if flat.

    The background is what lies outside the largest ball in the box.
    """
    if how == "none":
        return box
    sample = box[outside_ball(len(box))] if how == "background" else box
    mean, deviation = float(sample.mean(dtype=np.float64)), float(sample.std(dtype=np.float64))
    if deviation <= FLAT * max(1e-30, float(np.abs(box).max())):
        return np.zeros_like(box)
    return np.asarray((box - np.float32(mean)) / np.float32(deviation))


def outside_ball(edge: int) -> npt.NDArray[np.bool_]:
    """Voxels (b, b, b) outside the largest ball about voxel ``b // 2``."""
    squares = (np.arange(edge) - edge // 2) ** 2
    radius = (edge - 1) // 2
    return np.asarray(squares[:, None, None] + squares[:, None] + squares > radius**2)


def _binned(values: Grey, factor: int) -> Grey:
    if factor == 1:
        return values
    edge = len(values) // factor
    split = values.reshape(edge, factor, edge, factor, edge, factor)
    return np.asarray(split.mean(axis=(1, 3, 5), dtype=np.float32))


def _finite_mean(values: Grey) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean(dtype=np.float64)) if finite.size else 0.0


def _check_fits(particles: ParticleSet, settings: BoxSettings, shape: Index3) -> None:
    if settings.border == "skip" and settings.extent > min(shape):
        words = "×".join(map(str, shape))
        binned = f" ({settings.box_size} of {settings.box_binning} voxels each)" if settings.box_binning > 1 else ""
        raise InputError(
            f"A box of {settings.extent} voxels{binned} is larger than {particles.grid.name} ({words}, z y x); choose "
            f"at most {min(shape) // settings.box_binning}."
        )
