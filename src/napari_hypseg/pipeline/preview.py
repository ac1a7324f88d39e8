"""A look at the segmentation while the model still learns: the slice in view, roughly, every few seconds."""

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Progress, drive
from napari_hypseg.volumes.blocks import Block, align
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.intensity import Intensity
from napari_hypseg.volumes.specimen import Specimen

if TYPE_CHECKING:
    from torch import Tensor

    from napari_hypseg.encoding.prototypes import Prototypes
    from napari_hypseg.nn.model import DenseModel

EVERY = 5.0
"""Seconds between two previews."""
REGIONS = 8
TILE = 96


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

    Regions keep their numbers from one preview to the next: the prototypes of the last one start the next.
    """

    def __init__(
        self,
        specimens: Sequence[Specimen],
        intensities: Sequence[Intensity],
        model: "DenseModel",
        view: Callable[[], SliceView | None],
    ) -> None:
        self._specimens, self._intensities, self._model, self._view = specimens, intensities, model, view
        self._last = time.monotonic()
        self._prototypes: Prototypes | None = None

    def due(self) -> Generator[Progress | Preview, object, None]:
        """A preview if somebody looks and the last one is old; `Progress` between its tiles."""
        if time.monotonic() - self._last < EVERY:
            return
        view = self._view()
        if view is not None:
            started = time.monotonic()
            labels = yield from self._segment(view)
            yield Preview(view, labels)
            # Looking must not cost more than a fifth of the time for learning.
            self._last = time.monotonic() + 4 * (time.monotonic() - started) - EVERY
            self._last = max(self._last, time.monotonic())

    def _segment(self, view: SliceView) -> Generator[Progress, object, npt.NDArray[np.uint8]]:
        import torch

        from napari_hypseg.encoding.prototypes import assign, kmeans_job

        specimen = self._specimens[view.specimen]
        plane = _plane(specimen, view)
        inside = specimen.inside(plane)
        tiles: list[tuple[Box, Tensor]] = []
        for tile in _tiles(plane, view.axis):
            tiles.append((tile, self._embed(view.specimen, tile)))
            yield Progress("preview", len(tiles), None)
        points = torch.cat([points.reshape(-1, points.shape[-1]) for _, points in tiles])
        start = None if self._prototypes is None else self._prototypes.points.to(points.device)
        regions = min(REGIONS, len(points))
        if start is not None and len(start) != regions:
            start = None
        generator = torch.Generator().manual_seed(0)
        sample = points[torch.randperm(len(points), generator=generator)[:4096].to(points.device)]
        manifold = self._model.manifold
        self._prototypes = drive(
            kmeans_job(sample, regions, manifold, generator, iterations=8, init=start), lambda event: None
        )
        labels = np.zeros(plane.shape, dtype=np.uint8)
        for tile, part in tiles:
            nearest = assign(part.reshape(-1, part.shape[-1]), self._prototypes.points, manifold)
            z, y, x = plane.start
            labels[tile.shift((-z, -y, -x)).slices] = nearest.cpu().numpy().reshape(tile.shape) + 1
        whole = np.zeros(specimen.volume.shape[: view.axis] + specimen.volume.shape[view.axis + 1 :], dtype=np.uint8)
        rows, columns = (s for axis, s in enumerate(plane.slices) if axis != view.axis)
        whole[rows, columns] = np.where(inside, labels, 0).squeeze(view.axis)
        return whole

    def _embed(self, index: int, tile: Box) -> "Tensor":
        from napari_hypseg.encoding.stream import Encoder

        device = next(self._model.parameters()).device
        encoder = Encoder(self._model, self._specimens[index], self._intensities[index], device)
        aligned = align(tile, self._model.stride)
        return encoder.embed([Block(tile, aligned, aligned.grow(self._model.halo))])[0]


def _plane(specimen: Specimen, view: SliceView) -> Box:
    """The slice in view as a box, inside the region."""
    start, stop = list(specimen.region.start), list(specimen.region.stop)
    index = min(max(view.index, start[view.axis]), stop[view.axis] - 1)
    start[view.axis], stop[view.axis] = index, index + 1
    return Box((start[0], start[1], start[2]), (stop[0], stop[1], stop[2]))


def _tiles(plane: Box, axis: int) -> list[Box]:
    edge: Index3 = (1 if axis == 0 else TILE, 1 if axis == 1 else TILE, 1 if axis == 2 else TILE)
    z, y, x = (range(a, b, e) for a, b, e in zip(plane.start, plane.stop, edge, strict=True))
    corners = [(i, j, k) for i in z for j in y for k in x]
    return [Box(c, (c[0] + edge[0], c[1] + edge[1], c[2] + edge[2])).intersect(plane) for c in corners]
