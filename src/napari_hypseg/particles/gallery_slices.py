"""The pictures of a gallery: the middle of each particle's box, read as it comes into sight."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.particles.box_settings import BoxSettings
from napari_hypseg.particles.boxes import ParticleBoxes
from napari_hypseg.particles.classes.aligned_slices import AlignedSlices
from napari_hypseg.particles.classes.projections import BoxProjections
from napari_hypseg.particles.classes.sorted_particles import SortedParticles
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.volumes import LazyArray

Rows = npt.NDArray[np.int64]
LENGTHS = (("diameter", 8), ("nearest", 16))
"""By which a box is suggested, and the smallest one in voxels: where points are close nothing would be seen in it."""
LARGEST = 128
"""Edge in voxels of a box that is suggested."""
LARGEST_BOX = 256
"""Edge in voxels of a box that a person can ask for."""
AROUND = 2.0
"""Edge of a box that is suggested, in diameters or distances of particles."""
SLAB_SHARE = 8
"""Edge of a box in sections that are averaged, which takes noise away and leaves what is in the middle."""


def suggested_edge(particles: ParticleSet) -> int:
    """Edge in voxels, even, of a box that shows a particle and what is around it, if nobody has said which."""
    if particles.box_size is not None:
        return particles.box_size
    edge, least = 32.0, 8
    for name, smallest in LENGTHS:
        known = particles.scalars.get(name)
        if known is not None and np.isfinite(known).any():
            edge, least = AROUND * float(np.nanmedian(known)) / min(particles.grid.voxel_size), smallest
            break
    largest = min(LARGEST, 2 * (min(particles.grid.shape) // 2))
    return int(np.clip(2 * round(edge / 2), least, max(2, largest)))


def sorted_rows(n_sorted: int, particles: ParticleSet, junk: npt.NDArray[np.bool_], edge: int) -> Rows:
    """Which of the particles (n,) a table of `n_sorted` is about: all, those that are no junk, or whose box is whole.

    Raises
    ------
    InputError
        If there are never as many.
    """
    inside = whole_boxes(particles, edge)
    for kept in (np.ones(len(particles), dtype=bool), ~junk, ~junk & inside, inside):
        if kept.sum() == n_sorted:
            return np.flatnonzero(kept)
    raise InputError(
        f"The table sorts {n_sorted} particles, but here are {len(particles)}, {int((~junk).sum())} without junk and "
        f"{int((~junk & inside).sum())} of them with a whole box; find them with the settings of then."
    )


def whole_boxes(particles: ParticleSet, edge: int) -> npt.NDArray[np.bool_]:
    """Whether the box of each particle (n,) lies wholly in the tomogram."""
    starts = np.floor(particles.positions - edge // 2 + 0.5)
    return np.asarray(((starts >= 0) & (starts + edge <= np.array(particles.grid.shape))).all(axis=1))


def gallery_slices(
    particles: ParticleSet, channel: LazyArray, edge: int, sorted_particles: SortedParticles | None = None
) -> LazyArray:
    """A lazy array (n, edge, edge): the mean of the sections about each particle, filled with their mean at the border.

    Parameters
    ----------
    particles
        n of them, all inside the tomogram.
    channel
        The tomogram (z, y, x).
    edge
        Of a box in voxels.
    sorted_particles
        Where given, and it is known how particles lie, they are turned and shifted back.
    """
    boxes = ParticleBoxes(particles, channel, BoxSettings(box_size=edge, border="mean", normalise="none"))
    slices = BoxProjections(boxes, slab=max(1, edge // SLAB_SHARE))
    if sorted_particles is None or sorted_particles.angles is None or sorted_particles.centres is None:
        return slices
    return AlignedSlices(slices, sorted_particles.angles, sorted_particles.centres)


def grey_pixels(image: npt.NDArray[np.float32], limits: tuple[float, float]) -> npt.NDArray[np.uint8]:
    """An image (y, x) as grey values from 0 to 255 between two limits."""
    low, high = limits
    scaled = (image - low) / (high - low if high > low else 1.0)
    return np.asarray(np.clip(255 * scaled, 0, 255), dtype=np.uint8)
