"""Small pictures that are made on a thread, those asked for last first, and kept while they are in use."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from qtpy.QtCore import QObject, Signal
from qtpy.QtGui import QImage, QPixmap

from napari_hypseg._qt.jobs.tasks import ThreadTask
from napari_hypseg._qt.layers.layer_events import single_shot
from napari_hypseg._qt.notifications import show_exception

Pixels: TypeAlias = npt.NDArray[np.uint8]
K = TypeVar("K")
Maker: TypeAlias = Callable[[list[K]], Sequence[Pixels | None]]


class PictureQueue(QObject, Generic[K]):
    """Gives pictures that are there at once, and has the others made, some at a time, from the newest wish on.

    Parameters
    ----------
    kept
        Pictures that are kept.
    waiting
        Pictures that are waited for; what was asked for earlier has been scrolled away.
    at_once
        Pictures that are made between two looks at what is asked for now.

    Signals
    -------
    changed
        Pictures that were asked for are there now.
    failed
        They cannot be made, which the person was told; it has stopped.
    """

    changed = Signal()
    failed = Signal()

    def __init__(self, kept: int, waiting: int, at_once: int, parent: QObject) -> None:
        super().__init__(parent)
        self._kept, self._most_waiting, self._at_once = kept, waiting, at_once
        self._pictures: OrderedDict[K, QPixmap | None] = OrderedDict()
        self._waiting: OrderedDict[K, None] = OrderedDict()
        self._maker: Maker[K] | None = None
        self._n_making = 0
        self._next = single_shot(self, self._make)

    def start(self, maker: Maker[K]) -> None:
        """Forget all pictures and have others made by `maker`, which gives pixels, (h, w) or (h, w, 3), or None."""
        self.stop()
        self._maker = maker

    def stop(self) -> None:
        """Make nothing any more, and forget all pictures."""
        self._maker = None
        self._waiting.clear()
        self._pictures.clear()

    @property
    def n_waiting(self) -> int:
        """Number of pictures that are waited for, those that are being made among them."""
        return len(self._waiting) + self._n_making

    def picture(self, key: K) -> QPixmap | None:
        """A picture, None while it is made and where there is none."""
        if key in self._pictures:
            self._pictures.move_to_end(key)
            return self._pictures[key]
        if self._maker is not None:
            self._waiting[key] = None
            self._waiting.move_to_end(key)
            if len(self._waiting) > self._most_waiting:
                self._waiting.popitem(last=False)
            self._next.start()
        return None

    def _make(self) -> None:
        maker = self._maker
        if maker is None or self._n_making or not self._waiting:
            return
        keys = [self._waiting.popitem()[0] for _ in range(min(self._at_once, len(self._waiting)))]
        self._n_making = len(keys)
        ThreadTask(partial(maker, keys), partial(self._take, maker, keys), self._fail, self)

    def _take(self, maker: Maker[K], keys: Sequence[K], made: Sequence[Pixels | None]) -> None:
        self._n_making = 0
        if maker is self._maker:
            self._pictures |= {
                key: None if one is None else to_pixmap(one) for key, one in zip(keys, made, strict=True)
            }
            while len(self._pictures) > self._kept:
                self._pictures.popitem(last=False)
            self.changed.emit()
        self._next.start()

    def _fail(self, error: Exception) -> None:
        """What cannot be read is told once; lists go on without pictures."""
        self._n_making = 0
        self.stop()
        self.failed.emit()
        show_exception(error)


def to_pixmap(pixels: Pixels) -> QPixmap:
    """Of grey values (h, w) or colours (h, w, 3)."""
    height, width = pixels.shape[:2]
    kind = QImage.Format.Format_Grayscale8 if pixels.ndim == 2 else QImage.Format.Format_RGB888
    data = np.ascontiguousarray(pixels).tobytes()
    return QPixmap.fromImage(QImage(data, width, height, pixels[0].size, kind))
