"""A preview of the segmentation during training: the slice in view, coarsely, every few seconds."""

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Command, Progress, quietly
from napari_hypseg.volumes.blocks import Block, align_to_stride
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.intensity import Intensity
from napari_hypseg.volumes.specimen import Specimen

if TYPE_CHECKING:
    from torch import Tensor

    from napari_hypseg.nn.model import DenseModel

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two previews."""
REGIONS = 8
ROUNDS = 8
SAMPLE = 4096
"""Points the regions of a preview are fitted to."""
TILE = 96
MOST_TILES = 36
"""A slice of 576² voxels; a few seconds on a processor."""


@dataclass(frozen=True)
class SliceView:
    """The slice a person looks at: index `index` along `axis` (0 is z) of specimen number `specimen`."""

    specimen: int
    axis: int
    index: int


@dataclass(frozen=True, eq=False)
class Preview:
    """Regions of one slice.

    Parameters
    ----------
    view
        Which slice.
    labels
        uint8 (rows, columns): region 1 to 8 in the two remaining axes, in zyx order; 0 where nothing counts.
    """

    view: SliceView
    labels: npt.NDArray[np.uint8]


def no_view() -> SliceView | None:
    """Nobody is looking."""
    return None


class Previewer:
    """Segments the slice in view with the model as it stands.

    Regions keep their numbers from one preview to the next: k-means starts from the centroids of the last one.
    """

    def __init__(
        self,
        specimens: Sequence[Specimen],
        intensities: Sequence[Intensity],
        model: "DenseModel",
        view: Callable[[], SliceView | None],
    ) -> None:
        self._specimens, self._intensities, self._model, self._view = specimens, intensities, model, view
        self._next = time.monotonic() + EVERY
        self._centroids: Tensor | None = None

    def due(self) -> Generator[Progress | Preview, Command | None, Command | None]:
        """A preview if one is wanted and the last one is old; returns a command that was sent meanwhile."""
        view = self._view() if time.monotonic() > self._next else None
        if view is None:
            return None
        from napari_hypseg.training.device import is_out_of_memory

        started = time.monotonic()
        command: Command | None = None
        try:
            for event in self._segment(view):
                command = (yield event) or command
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            log.warning("no memory for a preview")
        # Looking must not cost more than a fifth of the time for learning.
        now = time.monotonic()
        self._next = now + max(EVERY, 4 * (now - started))
        return command

    def _segment(self, view: SliceView) -> Iterator[Progress | Preview]:
        import torch

        specimen = self._specimens[view.specimen]
        plane = _plane(specimen.volume.shape, view)
        tiles: list[tuple[Box, Tensor, npt.NDArray[np.bool_]]] = []
        for tile in _tiles(plane.intersect(specimen.region), view.axis, TILE // self._model.block_divisor):
            if specimen.inside(tile).any():
                tiles.append((tile, *self._encode(view.specimen, tile)))
            yield Progress("preview", len(tiles))
        labels = np.zeros(plane.shape, dtype=np.uint8)
        z, y, x = plane.start
        if any(counted.any() for _, _, counted in tiles):
            self._fit([points[torch.from_numpy(counted).to(points.device)] for _, points, counted in tiles])
            for tile, points, counted in tiles:
                labels[tile.shift((-z, -y, -x)).slices] = self._nearest(points) * counted
        yield Preview(view, labels.squeeze(view.axis))

    def _fit(self, parts: list["Tensor"]) -> None:
        """Centroids of the slice, starting from those of the last one."""
        import torch

        from napari_hypseg.clustering.kmeans import kmeans

        points = torch.cat([part.reshape(-1, part.shape[-1]) for part in parts]).cpu()
        generator = torch.Generator().manual_seed(0)
        sample = points[torch.randperm(len(points), generator=generator)[:SAMPLE]]
        regions = min(REGIONS, len(sample))
        start = self._centroids if self._centroids is not None and len(self._centroids) == regions else None
        job = kmeans(sample, regions, self._model.manifold, generator, iterations=ROUNDS, init=start)
        self._centroids = quietly(job).points

    def _nearest(self, points: "Tensor") -> npt.NDArray[np.uint8]:
        """Region of each of `points` (z, y, x, d), from 1."""
        from napari_hypseg.clustering.kmeans import nearest_centroid

        flat = points.reshape(-1, points.shape[-1]).cpu()
        nearest = (
            nearest_centroid(flat, self._centroids, self._model.manifold) if self._centroids is not None else flat[:, 0]
        )
        return (nearest.numpy() + 1).astype(np.uint8).reshape(points.shape[:-1])

    def _encode(self, index: int, tile: Box) -> tuple["Tensor", npt.NDArray[np.bool_]]:
        """Points (z, y, x, d) of a tile, and which of its voxels (z, y, x) count."""
        from napari_hypseg.inference.encoder import Encoder

        device = next(self._model.parameters()).device
        encoder = Encoder(self._model, self._specimens[index], self._intensities[index], device)
        aligned = align_to_stride(tile, self._model.stride)
        return encoder.encode([Block(tile, aligned, aligned.grow(self._model.halo))])[0]


def _plane(shape: Index3, view: SliceView) -> Box:
    """The slice in view as a box in a grid of `shape`."""
    start, stop = [0, 0, 0], list(shape)
    start[view.axis] = min(max(view.index, 0), shape[view.axis] - 1)
    stop[view.axis] = start[view.axis] + 1
    return Box((start[0], start[1], start[2]), (stop[0], stop[1], stop[2]))


def _tiles(plane: Box, axis: int, side: int = TILE) -> list[Box]:
    """Pieces of a slice; of a large one those around its middle, so that looking never takes longer than learning."""
    edge: Index3 = (1 if axis == 0 else side, 1 if axis == 1 else side, 1 if axis == 2 else side)
    z, y, x = (range(a, b, e) for a, b, e in zip(plane.start, plane.stop, edge, strict=True))
    corners = [(i, j, k) for i in z for j in y for k in x]
    tiles = [Box(c, (c[0] + edge[0], c[1] + edge[1], c[2] + edge[2])).intersect(plane) for c in corners]
    middle = np.add(plane.start, plane.stop)
    tiles.sort(key=lambda tile: int(np.abs(np.add(tile.start, tile.stop) - middle).max()))
    return tiles[:MOST_TILES]
