"""Thumbnails of typical neighbourhoods, drawn on a thread for what is in sight alone, and kept while in use."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from napari.components import ViewerModel
from napari.layers import Image
from qtpy.QtCore import QObject, Signal
from qtpy.QtGui import QPixmap

from napari_hypseg._napari.layer_project import is_made_here, specimen_of
from napari_hypseg._qt.controllers.picture_queue import PictureQueue
from napari_hypseg._qt.model import WindowModel
from napari_hypseg.errors import HypsegError
from napari_hypseg.structures.leaf_places import Places, leaf_places
from napari_hypseg.structures.thumbnail import Pixels, Rgb, ThumbnailStyle, thumbnail, typical_leaf
from napari_hypseg.volumes import LazyArray

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project

KEPT = 1024
"""Pictures that are kept, of 9 kilobytes each."""
AT_ONCE = 6
"""Pictures that are drawn between two looks at what is in sight now."""
WAITING = 64
"""Pictures that are waited for; what was asked for earlier has been scrolled away."""

Leaves = npt.NDArray[np.bool_]
Limits = tuple[tuple[float, float] | None, ...]


@dataclass(frozen=True)
class Subject:
    """What a picture shows: leaves as packed bits, the colour of their outline, and the contrast of each specimen."""

    leaves: bytes
    colour: Rgb
    limits: Limits


class Thumbnails(QObject):
    """Gives pictures that are there at once, and has the others drawn.

    Signals
    -------
    changed
        Pictures that were asked for are there now.
    """

    changed = Signal()

    def __init__(self, model: WindowModel, viewer: ViewerModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model, self._viewer = model, viewer
        self._queue = PictureQueue[Subject](KEPT, WAITING, AT_ONCE, self)
        self._queue.changed.connect(self.changed)
        self._queue.failed.connect(self.stop)
        self._source: _Source | None = None
        model.project_changing.connect(self.stop)
        model.project_changed.connect(self._begin)
        self._begin()

    def picture(self, leaves: Leaves, colour: Rgb) -> QPixmap | None:
        """The neighbourhood that is typical of leaves (bool, K); None while it is drawn, and if there is none."""
        if self._source is None or len(leaves) != self._source.n_leaves:
            return None
        return self._queue.picture(Subject(np.packbits(leaves).tobytes(), colour, self._limits()))

    def world_place(self, leaf: int) -> tuple[float, float, float] | None:
        """Where (z, y, x) in the world the picture of a leaf was taken, None if that is not known yet."""
        source, project = self._source, self._model.project
        if source is None or source.places is None or project is None or source.places[leaf, 0] < 0:
            return None
        specimen, *voxel = source.places[leaf].tolist()
        record = project.records[specimen]
        z, y, x = (v * size + at for v, size, at in zip(voxel, record.voxel_size, record.origin, strict=True))
        return z, y, x

    def stop(self) -> None:
        """Draw nothing any more."""
        if self._source is not None:
            self._source.left.set()
        self._source = None
        self._queue.stop()

    def _begin(self) -> None:
        self.stop()
        project = self._model.project
        if project is not None and project.segmentation is not None:
            self._source = _Source(project)
            self._queue.start(self._source.draw)

    def _limits(self) -> Limits:
        """The contrast of the first image of each specimen."""
        project = self._model.project
        found: list[tuple[float, float] | None] = [None] * (len(project.records) if project is not None else 0)
        for layer in reversed(self._viewer.layers):
            specimen = specimen_of(layer, project) if isinstance(layer, Image) and not is_made_here(layer) else None
            if specimen is not None:
                low, high = layer.contrast_limits
                found[specimen] = (float(low), float(high))
        return tuple(found)


class _Source:
    """What pictures of one segmentation are drawn from, used by one thread at a time."""

    def __init__(self, project: "Project") -> None:
        assert project.segmentation is not None
        self._project, self._segmentation = project, project.segmentation
        self.n_leaves = self._segmentation.hierarchy.n_leaves
        self.places: Places | None = None
        self.left = threading.Event()
        """Set when nobody waits any more."""
        self._greys: list[LazyArray | None] | None = None

    def draw(self, subjects: Sequence[Subject]) -> list[Pixels | None]:
        """The pictures of `subjects`; none once nobody waits any more."""
        if self.places is None:
            self.places = self._find_places()
        return [None if self.places is None or self.left.is_set() else self._one(one, self.places) for one in subjects]

    def _one(self, subject: Subject, places: Places) -> Pixels | None:
        leaves = np.unpackbits(np.frombuffer(subject.leaves, np.uint8), count=self.n_leaves).astype(bool)
        sizes = self._segmentation.hierarchy.sizes[: self.n_leaves]
        leaf = typical_leaf(leaves, places, sizes, self._descriptors())
        if leaf is None:
            return None
        specimen, z, y, x = places[leaf].tolist()
        style = ThumbnailStyle(subject.limits[specimen], subject.colour)
        return thumbnail(leaves, (z, y, x), self._segmentation.leaves[specimen], self._grey(specimen), style)

    def _find_places(self) -> Places | None:
        job = leaf_places(self._segmentation.leaves, self.n_leaves)
        try:
            while not self.left.is_set():
                next(job)
        except StopIteration as found:
            places: Places = found.value
            return places
        return None

    def _descriptors(self) -> npt.NDArray[np.float32] | None:
        try:
            return self._segmentation.descriptors
        except HypsegError:  # said where they are needed more
            return None

    def _grey(self, specimen: int) -> LazyArray | None:
        """The first channel of a specimen, None if its file is missing, which was said when the project was opened."""
        if self._greys is None:
            try:
                self._greys = [one.volume.channels[0] for one in self._project.specimens]
            except HypsegError:
                self._greys = [None] * len(self._project.records)
        return self._greys[specimen]
