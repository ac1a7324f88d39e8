"""Known structures and the region found for each, and cuts of a tree, on slices: what no number says."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_erosion, gaussian_filter

from benchmarks.real.annotated_volumes import KnownSpecimen
from benchmarks.real.records import GroupRecord
from benchmarks.reporting.slices import FOUND, LONGEST, TRUE
from benchmarks.segmentation.tree_of_points import Ids
from napari_hypseg.cli.display.figure import Pixels, coloured, draw_figure, grey
from napari_hypseg.hierarchy.colour.node_colours import colour_table
from napari_hypseg.hierarchy.cuts import cut_at
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.volumes.volume import Volume

Mask = npt.NDArray[np.bool_]

CUTS = (4, 8, 16)
MOST = 4
"""Structures on a sheet."""
WINDOW = 256
"""Voxels along an edge of what is shown of a slice."""
OPACITY = 0.55
PALETTE = 32
"""Colours of a picture: it stays below 150 kB, and nobody sees the difference."""


def draw_groups(
    path: Path,
    known: KnownSpecimen,
    ids: Ids,
    trees: Mapping[str, Hierarchy],
    groups: Mapping[str, GroupRecord],
    first: Sequence[str] = (),
) -> None:
    """Write a PNG of a slice along z for each of a few structures: the truth's outline blue, the best node's yellow.

    Parameters
    ----------
    path
        Of the PNG.
    known
        The specimen with its labels.
    ids
        uint16 (z, y, x); leaf i as i + 1.
    trees
        Over the leaves, by name.
    groups
        What was reached for each structure.
    first
        Names of those that are shown before all others; these follow from the wholes to the parts.
    """
    shown = sorted(groups, key=lambda name: (name not in first, groups[name].level))[:MOST]
    panels = [
        (f"{name}  {groups[name].best_node_dice:.2f}", _group_panel(known, ids, trees[groups[name].tree], groups[name]))
        for name in shown
    ]
    _draw(path, panels)


def draw_cuts(path: Path, volume: Volume, ids: Ids, tree: Hierarchy) -> None:
    """Write a PNG of the middle of the middle slice along z, plain and under the regions of a few cuts."""
    at, rows, columns = (n // 2 for n in volume.shape)
    window = _span(rows, volume.shape[1]), _span(columns, volume.shape[2])
    shown, image = ids[at][window], grey(np.asarray(volume.channels[0][at], dtype=np.float32)[window])
    panels = [(f"z = {at}", image)]
    for k in (k for k in CUTS if k <= tree.n_leaves):
        regions = coloured(shown.astype(np.int64), colour_table(tree, cut_at(tree, k)))
        mixed = np.where((shown > 0)[..., None], image * (1 - OPACITY) + regions * OPACITY, image)
        panels.append((f"{k} regions", mixed.astype(np.uint8)))
    _draw(path, panels)


def _draw(path: Path, panels: Sequence[tuple[str, Pixels]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draw_figure(path, [(caption, _enlarged(pixels)) for caption, pixels in panels], colours=PALETTE)


def _enlarged(pixels: Pixels) -> Pixels:
    """Small slices larger, so that the captions have room."""
    factor = max(1, LONGEST // max(pixels.shape))
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def _group_panel(known: KnownSpecimen, ids: Ids, tree: Hierarchy, group: GroupRecord) -> Pixels:
    """The slice and window that hold most of a structure."""
    truth = np.isin(np.asarray(known.labels), group.labels) & known.specimen.inside(known.specimen.volume.box)
    at = int(truth.sum((1, 2)).argmax())
    window = _window(truth[at])
    image = np.asarray(known.specimen.volume.channels[0][at], dtype=np.float32)[window]
    pixels = grey(image)
    below = np.zeros(tree.n_leaves + 1, dtype=np.bool_)
    below[1 + tree.leaves_of(group.node)] = True
    for mask, colour in ((truth[at], TRUE), (below[ids[at]], FOUND)):
        pixels[_border(mask[window])] = colour
    return pixels


def _window(mask: Mask) -> tuple[slice, slice]:
    """Where in a slice (y, x) a square holds much of `mask`, most of it in its middle."""
    density = gaussian_filter(mask.astype(np.float32), WINDOW / 4, mode="constant")
    centre = np.unravel_index(int(density.argmax()), mask.shape)
    rows, columns = (_span(int(c), n) for c, n in zip(centre, mask.shape, strict=True))
    return rows, columns


def _span(centre: int, length: int) -> slice:
    start = max(0, min(centre - WINDOW // 2, length - WINDOW))
    return slice(start, min(length, start + WINDOW))


def _border(mask: Mask) -> Mask:
    """The pixels of `mask` beside others; a structure that leaves the slice has no border there."""
    inner: Mask = mask & ~binary_erosion(mask, border_value=1)
    return inner
