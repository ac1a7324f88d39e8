"""Box and map on three slices of a volume, so that a person can judge what no number says."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from napari_hypseg.cli.display.figure import Pixels, draw_figure, grey
from napari_hypseg.volumes import Box, Volume
from napari_hypseg.volumes.proposal import Proposal
from napari_hypseg.volumes.volume import relative_edges

FOUND = (255, 176, 0)
TRUE = (60, 140, 255)
SAMPLE = np.array([255, 90, 40], dtype=np.float32)
"""Colour of a cell that surely is sample."""
OPACITY = 0.45
LONGEST = 384
"""Pixels along the longer edge of a slice."""


def draw_proposal(path: Path, volume: Volume, proposal: Proposal, truth: Box | None = None) -> None:
    """Write a PNG of the slices along z, y and x through the middle of the box.

    The map is red, the box yellow and the true box, if it is known, blue. Only these three slices of the first channel
    are read.
    """
    middle = [
        min(max((a + b) // 2, 0), n - 1)
        for a, b, n in zip(proposal.box.start, proposal.box.stop, volume.shape, strict=True)
    ]
    panels = [
        (f"{name} = {at}", _panel(volume, proposal, truth, axis, at))
        for axis, (name, at) in enumerate(zip("zyx", middle, strict=True))
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    draw_figure(path, panels)


def _panel(volume: Volume, proposal: Proposal, truth: Box | None, axis: int, at: int) -> Pixels:
    """One slice in RGB at its true proportions."""
    rows, columns = (other for other in range(3) if other != axis)
    picks = _pixels(volume, rows, columns)
    picked = np.ix_(*picks)
    image = np.nan_to_num(np.asarray(volume.channels[0][_plane(axis, at)], dtype=np.float32))[picked]
    cell = min(int(at / proposal.step[axis]), proposal.map.shape[axis] - 1)
    cells = [
        np.minimum((pick / proposal.step[other]).astype(int), proposal.map.shape[other] - 1)
        for pick, other in zip(picks, (rows, columns), strict=True)
    ]
    likeness = proposal.map[_plane(axis, cell)][np.ix_(*cells)]
    pixels = _tinted(grey(image), likeness)
    for box, colour in ((truth, TRUE), (proposal.box, FOUND)):
        if box is not None:
            _outline(pixels, box, picks, (rows, columns), colour)
    return pixels


def _plane(axis: int, at: int) -> tuple[slice | int, ...]:
    return tuple(at if other == axis else slice(None) for other in range(3))


def _pixels(volume: Volume, rows: int, columns: int) -> list[npt.NDArray[np.intp]]:
    """Which voxel each row and each column of pixels shows, so that a voxel has its true proportions."""
    sizes = relative_edges(volume.voxel_size)
    lengths = [volume.shape[axis] * sizes[axis] for axis in (rows, columns)]
    scale = LONGEST / max(lengths)
    counts = [max(1, round(length * scale)) for length in lengths]
    return [
        (np.arange(count) * volume.shape[axis]) // count for count, axis in zip(counts, (rows, columns), strict=True)
    ]


def _tinted(pixels: Pixels, likeness: npt.NDArray[np.float32]) -> Pixels:
    """Mix the colour of sample into `pixels`, as far as each looks like it."""
    share = OPACITY * np.clip(likeness, 0, 1)[..., None]
    return np.asarray(pixels * (1 - share) + SAMPLE * share, dtype=np.uint8)


def _outline(
    pixels: Pixels,
    box: Box,
    picks: list[npt.NDArray[np.intp]],
    axes: tuple[int, int],
    colour: tuple[int, int, int],
) -> None:
    """Draw the border of `box` where the slice shows it, two pixels wide."""
    (top, bottom), (left, right) = (
        (int(np.searchsorted(pick, box.start[axis])), int(np.searchsorted(pick, box.stop[axis])))
        for pick, axis in zip(picks, axes, strict=True)
    )
    inner = np.zeros(pixels.shape[:2], dtype=np.bool_)
    inner[top + 2 : max(bottom - 2, top + 2), left + 2 : max(right - 2, left + 2)] = True
    frame = np.zeros_like(inner)
    frame[top:bottom, left:right] = True
    pixels[frame & ~inner] = colour
