"""From evidence to a few cells that are surely sample and many that surely are not."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.methods.pieces import Mask, largest
from napari_hypseg.volumes.box import Index3

Array = npt.NDArray[np.float32]
Seeds = npt.NDArray[np.int8]
T = TypeVar("T", bound=np.generic)

SAMPLE, SURROUNDINGS, UNKNOWN = 1, 0, -1
TOP = 0.93
"""Quantile of the evidence above which a cell may be a seed of the sample."""
FLOOR = 0.5
"""Quantile of the evidence below which a cell belongs to the surroundings."""
ATTACHED = 0.1
"""Share of its evidence that a tube wall or a holder keeps when what hangs on the border is taken away."""
FEW = 8
"""Cells along an axis below which its faces say nothing about the surroundings."""
SHELL = 2
"""Cells at the border that belong to the surroundings."""
CUT = 0.05
"""Share of a face of the grid with as much evidence as a sample from which on the sample is taken to be cut by it."""


def cut_faces(evidence: Array) -> tuple[tuple[bool, bool], ...]:
    """For both faces of each axis, whether the sample reaches through it."""
    high = evidence > np.quantile(evidence, TOP)

    def cut(axis: int, side: int) -> bool:
        return evidence.shape[axis] < FEW or bool(high.take(side, axis).mean() > CUT)

    return tuple((cut(axis, 0), cut(axis, -1)) for axis in range(3))


def plant(evidence: Array, valid: Mask) -> Seeds:
    """Seeds (z, y, x): 1 sample, 0 surroundings, -1 unknown.

    What hangs on the border is no sample: a tube, a holder, a table. It is found by grey-scale reconstruction from
    the faces that do not cut the sample (Vincent 1993).
    """
    evidence = np.where(valid, evidence, 0).astype(np.float32)
    shell = border_shell(evidence, valid)
    free = _freed(evidence, shell)
    sample = _sample(free)
    seeds = np.full(evidence.shape, UNKNOWN, dtype=np.int8)
    low = evidence <= np.quantile(evidence[valid], FLOOR)
    attached = free < ATTACHED * evidence
    seeds[low | (attached & ~_around(sample)) | shell | ~valid] = SURROUNDINGS
    seeds[_core(sample)] = SAMPLE
    return seeds


def enlarge(seeds: npt.NDArray[T], grid: Index3) -> npt.NDArray[T]:
    """Seeds of a halved grid on the whole one."""
    index = np.ix_(*(np.arange(n) * m // n for n, m in zip(grid, seeds.shape, strict=True)))
    larger: npt.NDArray[T] = seeds[index]
    return larger


def _freed(evidence: Array, shell: Mask) -> Array:
    """Evidence above what can be reached from the shell without ever stepping lower."""
    from skimage.morphology import reconstruction

    marker = np.where(shell, evidence, 0)
    freed: Array = evidence - reconstruction(marker, evidence).astype(np.float32)
    return freed


def _sample(free: Array) -> Mask:
    """The largest piece of what is highest, crumbs and gaps of two cells aside."""
    high = ndimage.binary_opening(free > max(float(np.quantile(free, TOP)), 1e-9))
    if not high.any():
        high = free > max(float(np.quantile(free, TOP)), 1e-9)
    found: Mask = high & largest(ndimage.binary_dilation(high, iterations=2))
    return found


def _core(sample: Mask) -> Mask:
    """The sample without its skin, unless nothing would be left."""
    core: Mask = ndimage.binary_erosion(sample)
    return core if core.any() else sample


def _around(sample: Mask) -> Mask:
    """The convex hull of the sample and two cells more: what may still belong to it."""
    from skimage.morphology import convex_hull_image

    if sample.sum() < 5 or min(np.ptp(np.argwhere(sample), axis=0)) < 2:
        hull = ndimage.binary_dilation(sample, iterations=4)
    else:
        hull = ndimage.binary_dilation(convex_hull_image(sample), iterations=2)
    near: Mask = hull
    return near


def border_shell(evidence: Array, valid: Mask) -> Mask:
    """Cells at the faces that do not cut the sample, and at the border of what is valid: surely surroundings."""
    inner = ndimage.binary_erosion(valid, iterations=SHELL, border_value=1)
    shell: Mask = valid & ~inner
    for axis, sides in enumerate(cut_faces(np.where(valid, evidence, 0).astype(np.float32))):
        view = np.moveaxis(shell, axis, 0)
        if not sides[0]:
            view[:SHELL] = True
        if not sides[1]:
            view[-SHELL:] = True
    return shell & valid
