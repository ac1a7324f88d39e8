"""Generated scans as a localizer sees them: coarse, with the truth on the same cells."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchmarks.ct_phantom.phantom import CTPhantom, ct_phantom
from napari_hypseg.jobs import Job, Progress, quietly
from napari_hypseg.pipeline.locate import EDGE
from napari_hypseg.volumes.coarse import CoarseVolume, coarsen, read_cells

Mask = npt.NDArray[np.bool_]
HALF = 0.5
"""Share of a cell that has to be specimen for the cell to count as specimen."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A coarse scan and where its specimen is.

    Parameters
    ----------
    copy
        What a localizer is given.
    cells
        Cells (z, y, x) of the specimen on the coarse grid halved, which is that of a localizer's map.
    slices
        For each axis, the slices of the coarse grid that hold any of it, as are those of a localizer's profiles.
    """

    copy: CoarseVolume
    cells: Mask
    slices: tuple[Mask, Mask, Mask]


def make_scenes(edge: int, first_seed: int, count: int) -> Job[list[Scene]]:
    """`count` phantoms of `edge`³ voxels with seeds from `first_seed` on; yields `Progress` of ``"generate"``."""
    scenes = []
    for number in range(count):
        scenes.append(scene_of(ct_phantom((edge,) * 3, first_seed + number)))
        yield Progress("generate", number + 1, count)
    return scenes


def scene_of(made: CTPhantom) -> Scene:
    """A phantom on the grids that a localizer works on."""
    from napari_hypseg.methods.localizers.background_flattening import halve

    copy = quietly(coarsen(made.volume, EDGE))
    specimen = replace(made.volume, channels=(made.mask.astype(np.float32),))
    cells = read_cells(specimen, specimen.box, halve(copy).factors)[0] >= HALF
    held = read_cells(specimen, specimen.box, copy.factors)[0] > 0
    z, y, x = (held.any(tuple({0, 1, 2} - {axis})) for axis in range(3))
    return Scene(copy, cells, (z, y, x))
