"""Crop and save: what is inside the box as a smaller file, and how much smaller before it is written."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from qtpy.QtWidgets import QComboBox, QLabel, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import CROP
from napari_hypseg._qt.controllers.write import WriteController
from napari_hypseg._qt.dialogs.write_dialog import WriteDialog
from napari_hypseg._qt.layers.boxes import Boxes, Group, grid_of
from napari_hypseg._qt.layers.specimens import place_of_work, source_of
from napari_hypseg._qt.widgets.controls import set_enabled, set_tooltip
from napari_hypseg.errors import InputError
from napari_hypseg.io.registry import format_of, volume_formats
from napari_hypseg.io.writing import stored_dtype
from napari_hypseg.volumes import Box, Index3

GB, MB = 10**9, 10**6


class CropDialog(WriteDialog):
    """Which specimen, in which format, to which file.

    Parameters
    ----------
    groups
        The specimens, each as the layers of its channels.
    current
        The one that is chosen at first.
    """

    def __init__(
        self, activity: Activity, boxes: Boxes, writing: WriteController, groups: Sequence[Group], current: Group,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(activity, CROP, writing, "Crop and save", "Save", "cropped volume", volume_formats(), parent)
        self._boxes = boxes
        self._groups = [group for group in groups if boxes.of(group) is not None]
        self.specimen, self.expected = QComboBox(), QLabel()
        self.specimen.addItems([group[0].name for group in self._groups])
        self.specimen.setCurrentIndex(self._groups.index(current))
        self.expected.setWordWrap(True)
        set_tooltip(self.specimen, "Which of the specimens that have a box is written.")
        if self.specimen.count() < 2:
            set_enabled(self.specimen, "only one specimen has a box.")
        self.rows.addRow("Specimen", self.specimen)
        self.rows.addRow("Size", self.expected)
        self._prefer_format(source_of(current[0]))
        self.finish(self.specimen)
        boxes.changed.connect(self.refresh)

    def suggestion(self, folder: Path | None, suffix: str) -> Path:
        """A file beside the volume's own, called after it."""
        beside = place_of_work(self._chosen()[0])
        return (folder or beside.parent) / f"{beside.name}_crop{suffix}"

    def start(self, path: Path, format_name: str) -> None:
        """Write the cropped volume."""
        self._writing.crop(self._chosen(), path, format_name)

    def problem(self) -> str | None:
        """As in every dialog that writes, and that the box may have been taken away meanwhile."""
        return super().problem() if self._boxes.of(self._chosen()) else "its box has been taken away."

    def refresh(self, *_: object) -> None:
        """Say how large the file will be, and enable what is possible now."""
        super().refresh()
        group = self._chosen()
        box = self._boxes.of(group) or Box.whole(grid_of(group[0]))
        dtypes = [np.dtype(layer.dtype) for layer in group]
        stored = stored_dtype(self.format.currentData(), [layer.data for layer in group]).itemsize * len(group)
        whole = sum(dtype.itemsize for dtype in dtypes) * Box.whole(grid_of(group[0])).size
        self.expected.setText(expectation(box.shape, box.size * stored, whole))

    def _chosen(self) -> Group:
        return self._groups[self.specimen.currentIndex()]

    def _prefer_format(self, source: Path | None) -> None:
        """Suggest what the volume itself is kept in, where that can be written."""
        with suppress(InputError):
            self.format.setCurrentIndex(max(0, self.format.findData(format_of(source))) if source else 0)


def expectation(shape: Index3, after: int, before: int) -> str:
    """How large a crop of `shape` will be, and how much smaller than the whole, in bytes without compression."""
    unit, name = (GB, "GB") if before >= GB / 10 else (MB, "MB")
    small, large, saved = (f"{count / unit:.2f} {name}" for count in (after, before, before - after))
    size = f"{'×'.join(map(str, shape))} voxels (z, y, x), {small}"
    if after >= before:
        return f"{size}; that is no less than the {large} of the whole volume."
    return f"{size} instead of {large}: {before / after:.1f} times smaller, saves {saved}."
