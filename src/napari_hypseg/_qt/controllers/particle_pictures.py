"""Pictures of particles and averages of their classes, made on a thread: of particles only what is in sight."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from napari.components import ViewerModel
from napari.layers import Image
from qtpy.QtCore import QObject, Signal
from qtpy.QtGui import QPixmap

from napari_hypseg._napari.layer_project import is_made_here, specimen_of
from napari_hypseg._qt.controllers.picture_queue import PictureQueue, to_pixmap
from napari_hypseg._qt.jobs.tasks import ThreadTask
from napari_hypseg._qt.notifications import show_exception
from napari_hypseg.particles.classes.averaging import ClassAverages, average_job
from napari_hypseg.particles.gallery_slices import gallery_slices, grey_pixels

if TYPE_CHECKING:
    from napari_hypseg.particles.classes.sorted_particles import SortedParticles
    from napari_hypseg.particles.particle_set import ParticleSet
    from napari_hypseg.project.project import Project
    from napari_hypseg.volumes import LazyArray

KEPT = 4096
"""Pictures that are kept, of a few kilobytes each."""
AT_ONCE = 8
"""Pictures that are made between two looks at what is in sight now."""
WAITING = 256
"""Pictures that are waited for; what was asked for earlier has been scrolled away."""
BATCH_VALUES = 2**18
"""Of averages that are read before it is looked whether anybody still wants them."""
UNKNOWN = (0.0, 1.0)

Limits = tuple[float, float]


@dataclass(frozen=True, eq=False)
class PictureSource:
    """What pictures are made from.

    Parameters
    ----------
    project, specimen
        The tomogram.
    particles
        All of them.
    edge
        Of a box in voxels.
    aligned
        How particles lie, where they are to be turned back; else None.
    """

    project: "Project"
    specimen: int
    particles: "ParticleSet"
    edge: int
    aligned: "SortedParticles | None" = None


class ParticlePictures(QObject):
    """Gives pictures that are there at once, and has the others made.

    Signals
    -------
    changed
        Pictures that were asked for are there now.
    averaged
        With `ClassAverages` that were asked for.
    """

    changed = Signal()
    averaged = Signal(object)

    def __init__(self, viewer: ViewerModel, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._queue = PictureQueue[int](KEPT, WAITING, AT_ONCE, self)
        self._queue.changed.connect(self.changed)
        self._queue.failed.connect(self.stop)
        self._slices: _Slices | None = None
        self._left = threading.Event()

    @property
    def source(self) -> PictureSource | None:
        """What pictures are made from now."""
        return None if self._slices is None else self._slices.source

    def show(self, source: PictureSource | None) -> None:
        """Make pictures from something else, None for nothing."""
        self.stop()
        if source is not None:
            self._slices = _Slices(source, self._limits(source))
            self._queue.start(self._slices.pixels)

    def stop(self) -> None:
        """Make nothing any more."""
        self._left.set()
        self._left = threading.Event()
        self._slices = None
        self._queue.stop()

    def picture(self, particle: int) -> QPixmap | None:
        """The picture of a particle by its place, None while it is made."""
        return self._queue.picture(particle)

    @property
    def n_waiting(self) -> int:
        """Number of pictures that are being waited for."""
        return self._queue.n_waiting

    def average(self, classes: npt.NDArray[np.int64]) -> None:
        """Average the particles of each class (n,), 0 for none; a newer request takes the place of an older one."""
        slices = self._slices
        if slices is not None and classes.any():
            self._left.set()
            self._left = left = threading.Event()
            work = partial(slices.average, classes, left)
            ThreadTask(work, partial(self._take_averages, left), show_exception, self)

    def pixmap(self, image: npt.NDArray[np.float32]) -> QPixmap:
        """An average in a contrast of its own, for its noise is less."""
        return to_pixmap(grey_pixels(image, (float(image.min()), float(image.max()))))

    def _take_averages(self, left: threading.Event, averages: ClassAverages | None) -> None:
        if averages is not None and not left.is_set():
            self.averaged.emit(averages)

    def _limits(self, source: PictureSource) -> Limits | None:
        """The contrast of the specimen's first image, None where it is not in the viewer."""
        for layer in self._viewer.layers:
            ours = isinstance(layer, Image) and not is_made_here(layer)
            if ours and specimen_of(layer, source.project) == source.specimen:
                low, high = layer.contrast_limits
                return float(low), float(high)
        return None


class _Slices:
    """The middle of each box, opened on the thread that reads it."""

    def __init__(self, source: PictureSource, limits: Limits | None) -> None:
        self.source, self._limits = source, limits
        self._images: LazyArray | None = None
        self._lock = threading.Lock()

    def pixels(self, particles: Sequence[int]) -> list[npt.NDArray[np.uint8]]:
        """Pictures of some particles."""
        images = self._opened()
        greys = [np.asarray(images[particle], dtype=np.float32) for particle in particles]
        if self._limits is None:
            low, high = np.percentile(np.stack(greys), (1, 99))
            self._limits = float(low), float(high)
        return [grey_pixels(grey, self._limits) for grey in greys]

    def average(self, classes: npt.NDArray[np.int64], left: threading.Event) -> ClassAverages | None:
        """Averages of the classes, None if nobody waits for them any more."""
        images = self._opened()
        job = average_job(lambda rows: np.asarray(images[rows]), images.shape[1:], classes, BATCH_VALUES)
        try:
            while not left.is_set():
                next(job)
        except StopIteration as found:
            averages: ClassAverages = found.value
            return averages
        return None

    def _opened(self) -> "LazyArray":
        with self._lock:
            if self._images is None:
                one = self.source
                channel = one.project.specimens[one.specimen].volume.channels[0]
                self._images = gallery_slices(one.particles, channel, one.edge, one.aligned)
            return self._images
