"""A volume brought onto the grid of an anatomical prior."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.jobs import Job, Notice, Progress
from napari_hypseg.volumes.bias_field import log_bias_field
from napari_hypseg.volumes.binning import LEAST, binned
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.index_map import chained, from_binned, from_reoriented, inverted
from napari_hypseg.volumes.intensity import Intensity
from napari_hypseg.volumes.orientation import Orientation, find_orientation
from napari_hypseg.volumes.registration import Alignment, align_with_labels, resample
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.units import METERS, SYMBOLS, convert
from napari_hypseg.volumes.volume import Direction, Vector3, Volume

if TYPE_CHECKING:
    from napari_hypseg.nn.anatomical.anatomical_model import AnatomicalModel
    from napari_hypseg.nn.anatomical.bias_field import BiasField
    from napari_hypseg.nn.anatomical.prior_frame import PriorFrame

SMALLEST_SHARE, LARGEST_SHARE = 0.5, 4.0
"""Longest edge of a volume, relative to that of the prior's grid, that an alignment is tried with."""
SCALES = 0.5, 1.6
"""Volumes that labels may be mapped to, relative to their own. Of a prior of brains: 0.8 to 1.3 in images of brains,
1.7 to 2.6 in those of a belly, a fish, and heads with skin and skull, whose outlines labels are stretched to."""
LEAST_EXPLAINED = 0.08
"""Share of the variance that labels explain in a volume of their kind, at the least: of a prior of brains, 0.29 to 0.42
in T1 images, 0.10 to 0.17 in FLAIR and beside tumours."""
LEAST_INSIDE = 0.5
"""Share of the labels' voxels that lie in the volume, at the least."""
NEGATIVE = 0.01
"""Standard deviations below 0 that a grey value may be, which interpolation has made of 0."""
LEAST_BIAS = 0.08
"""Standard deviation of the logarithm of a bias field that is corrected. In images of brains without one, N4 finds 0.04
to 0.06, which is anatomy."""


def place_on_grid(model: "AnatomicalModel", specimen: Specimen, intensity: Intensity) -> Job[None]:
    """Align a specimen with the prior of a model and hand its grey values, on the grid of the prior, to the model.

    Yields `Progress` of ``"prepare"`` and ``"align"``, and `Notice`.

    Raises
    ------
    InputError
        If the volume is not of the kind of the prior: of another size, or no alignment explains its grey values.
    SettingError
        If SimpleITK is not installed.
    """
    import torch

    volume, frame, shape = specimen.volume, model.frame, model.decoder.shape
    edges = _edges_in_unit_of(frame, volume)
    _check_size(frame, shape, volume, edges)
    yield from _direction_notice(frame, volume)
    factors = _factors(frame, volume, edges)
    coarse = binned(specimen, factors)
    grey, inside = yield from _read(coarse, intensity)
    orientation = _orientation(frame.direction, volume.direction)
    sizes = [edge * factor for edge, factor in zip(edges, factors, strict=True)]
    z, y, x = (sizes[axis] for axis in orientation.axes)
    labels = model.decoder.most_probable()
    alignment = yield from align_with_labels(labels, frame.spacing, _turned(grey[0], orientation), (z, y, x))
    to_coarse = chained(from_reoriented(orientation, coarse.volume.shape), alignment.matrix)
    image = np.stack([resample(channel, to_coarse, shape) for channel in grey])
    valid = resample(inside, to_coarse, shape, nearest=True) > 0.5
    _check_found(volume, labels, valid, alignment)
    if model.bias is not None:
        yield from _find_bias(model.bias, volume, image, valid & (labels > 0), intensity)
    to_grid = inverted(chained(from_binned(factors), to_coarse)).astype(np.float32)
    model.place(torch.from_numpy(image), torch.from_numpy(valid), torch.from_numpy(to_grid))


def _edges_in_unit_of(frame: "PriorFrame", volume: Volume) -> Vector3:
    """Edges (z, y, x) of the voxels in the unit of the prior."""
    if (volume.unit in METERS) != (frame.unit in METERS):
        which = volume.name if frame.unit in METERS else "the prior"
        raise InputError(
            f"{which} does not say how large its voxels are, so they cannot be compared; give the size.",
            setting="voxel_size",
        )
    factor = METERS.get(volume.unit, 1.0) / METERS.get(frame.unit, 1.0)
    z, y, x = (edge * factor for edge in volume.voxel_size)
    return z, y, x


def _check_size(frame: "PriorFrame", shape: Index3, volume: Volume, edges: Vector3) -> None:
    own = max(n * edge for n, edge in zip(volume.shape, edges, strict=True))
    known = max(n * edge for n, edge in zip(shape, frame.spacing, strict=True))
    if not SMALLEST_SHARE <= own / known <= LARGEST_SHARE:
        raise InputError(
            f"{volume.name} is {convert(own, frame.unit, volume.unit):.3g} {SYMBOLS[volume.unit]} long and what the "
            f"prior knows {known:.3g} {SYMBOLS[frame.unit]}; it is of another kind, or its voxel size is wrong.",
            setting="voxel_size",
        )


def _direction_notice(frame: "PriorFrame", volume: Volume) -> Job[None]:
    if frame.direction is not None and volume.direction is None:
        yield Notice(
            f"{volume.name} does not say which of its sides is left; it is taken to lie as the labels of the prior do, "
            "and if it does not, left and right are exchanged."
        )


def _factors(frame: "PriorFrame", volume: Volume, edges: Vector3) -> Index3:
    """Voxels (z, y, x) that become one, so that they are about as large as those of the grid."""
    pairs = zip(frame.spacing, edges, volume.shape, strict=True)
    z, y, x = (max(1, min(round(wanted / edge), n // LEAST)) for wanted, edge, n in pairs)
    return z, y, x


def _read(coarse: Specimen, intensity: Intensity) -> Job[tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]]:
    """Standardised grey values (c, z, y, x), and 1 (z, y, x) where they count."""
    depth, height, width = coarse.volume.shape
    grey = np.zeros((len(coarse.volume.channels), depth, height, width), dtype=np.float32)
    inside = np.zeros((depth, height, width), dtype=np.uint8)
    for z in range(depth):
        plane = Box((z, 0, 0), (z + 1, height, width))
        grey[:, z] = intensity.standardise(coarse.volume.read(plane))[:, 0]
        inside[z] = coarse.inside(plane)[0]
        yield Progress("prepare", z + 1, depth)
    return grey, inside


def _orientation(wanted: Direction | None, own: Direction | None) -> Orientation:
    """What brings the axes of the volume to run as those of the prior, as far as both are known."""
    found = None if wanted is None or own is None else find_orientation(own, wanted)
    return found or Orientation()


def _turned(grey: npt.NDArray[np.float32], orientation: Orientation) -> npt.NDArray[np.float32]:
    steps = tuple(slice(None, None, -1 if flip else 1) for flip in orientation.flipped)
    return np.ascontiguousarray(grey.transpose(orientation.axes)[steps])


def _find_bias(
    field: "BiasField",
    volume: Volume,
    image: npt.NDArray[np.float32],
    inside: npt.NDArray[np.bool_],
    intensity: Intensity,
) -> Job[None]:
    """Find the bias field of each channel of standardised grey values (c, z, y, x), and say where there is one."""
    import torch

    zero = (-intensity.mean / intensity.std).astype(np.float32)
    gains = np.zeros_like(image)
    for channel, (grey, low) in enumerate(zip(image, zero, strict=True)):
        yield Progress("prepare", channel, len(image))
        if (grey[inside] < low - NEGATIVE).any():  # CT, or standardised before: nothing that a gain would multiply
            continue
        gain = log_bias_field(grey - low, inside)
        if gain[inside].std() > LEAST_BIAS:
            gains[channel] = gain
    if gains.any():
        drift = float(np.exp(np.ptp(np.quantile(gains[:, inside], [0.05, 0.95], axis=1), axis=0)).max()) - 1
        yield Notice(
            f"The brightness of {volume.name} drifts by {drift:.0%} across it, which is corrected as a bias field; "
            "where the specimen itself does so, run again without correcting it."
        )
    field.place(torch.from_numpy(gains), torch.from_numpy(zero))


def _check_found(
    volume: Volume, labels: npt.NDArray[np.uint8], valid: npt.NDArray[np.bool_], alignment: Alignment
) -> None:
    share = float(valid[labels > 0].mean())
    low, high = SCALES
    if alignment.explained < LEAST_EXPLAINED or share < LEAST_INSIDE or not low <= alignment.scale <= high:
        raise InputError(
            f"Nothing in {volume.name} looks like what the prior knows: at the best alignment its labels are "
            f"{alignment.scale:.2g} times as large as they were, explain {alignment.explained:.0%} of the grey values, "
            f"and {share:.0%} of them lie in the volume. Take a prior of specimens of the same kind, or cut away what "
            "lies around what it knows, such as skin and skull."
        )
