"""Open picks: particles that another program has picked, for a volume that is open."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from napari.layers import Image
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from napari_hypseg._qt.controllers.picks import PicksController
from napari_hypseg._qt.layers.specimens import source_of
from napari_hypseg._qt.notifications import show_exception
from napari_hypseg._qt.widgets.config_form import Form
from napari_hypseg._qt.widgets.controls import button, row, set_enabled, set_tooltip
from napari_hypseg._qt.widgets.scrolling import pass_wheel_to_parent
from napari_hypseg._qt.widgets.tab_order import tab_in_reading_order
from napari_hypseg.errors import HypsegError
from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.formats.registry import FORMATS
from napari_hypseg.particles.gallery_slices import LARGEST_BOX

WIDTH = 480
OF_WRITING = ("user_id", "session_id")
USED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "tomo_name": (".star",),
        "tomo_number": (".tbl",),
        "angles": (".star", ".tbl"),
        "pixel_size": (".star", ".tbl", ".csv"),
    }
)
"""Endings of the files that a setting is about."""
HINT = (
    "Reads particles that another program has picked: STAR files of RELION, Dynamo tables, picks of copick, or CSV "
    "with columns z, y and x in voxels. They are shown as points and in the gallery, sorted, counted and written again."
)


class PicksDialog(QDialog):
    """Which file, of which volume, and what the file does not say itself; what is wrong with it is told here.

    Parameters
    ----------
    picks
        Reads it.
    volumes
        The layers to choose from, the likeliest first.
    """

    def __init__(self, picks: PicksController, volumes: Sequence[Image], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picks, self._volumes = picks, list(volumes)
        self._reading = False
        self.setWindowTitle("Open picks")
        self.setMinimumWidth(WIDTH)
        self.path, self.volume, self.box = QLineEdit(), QComboBox(), QSpinBox()
        self.form = Form(FileSettings, lambda name, _: name not in OF_WRITING)
        self.problem = QLabel()
        self.read = button("Open", "Reads the particles; nothing changes if they do not fit the volume.", self._open)
        self.browse = button("Browse…", "Choose the file of the particles.", self._browse)
        self.volume.addItems([layer.name for layer in self._volumes])
        set_tooltip(self.path, "A file that ends in .star, .tbl, .json or .csv.")
        set_tooltip(self.volume, "The volume that the particles were picked in; the layer's name is that in the list.")
        self.box.setRange(0, LARGEST_BOX)
        self.box.setSingleStep(2)
        self.box.setSpecialValueText("automatic")
        self.box.setSuffix(" voxels")
        set_tooltip(self.box, "Edge of what is shown around each particle in the gallery; it can be changed there.")
        self._lay_out()
        self.path.textChanged.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Enable what is possible now and say why the rest is not."""
        missing = None if self.path.text().strip() else "no file is chosen."
        none = None if self._volumes else "no volume is open: open the tomogram first."
        suffix = Path(self.path.text().strip()).suffix.lower()
        for name, editor in self.form.editors.items():
            about = "files that end in " + " or ".join(USED[name])
            set_enabled(editor.widget, None if not suffix or suffix in USED[name] else f"it is about {about}.")
        set_enabled(self.read, none or missing or ("it is being read." if self._reading else None))

    def _browse(self) -> None:
        layer = self._volumes[self.volume.currentIndex()] if self._volumes else None
        source = None if layer is None else source_of(layer)
        folder = self.path.text() or ("" if source is None else str(source.parent))
        endings = " ".join(dict.fromkeys(f"*{one.suffix}" for one in FORMATS.values()))
        path, _ = QFileDialog.getOpenFileName(self, "Particles", folder, f"Particles ({endings})")
        if path:
            self.path.setText(path)

    def _open(self) -> None:
        self._reading = True
        self.problem.hide()
        self.refresh()
        path = Path(self.path.text().strip()).expanduser().absolute()
        layer = self._volumes[self.volume.currentIndex()]
        settings: dict[str, Any] = self.form.values()
        self._picks.open(path, layer, settings, self.box.value() or None, self.accept, self._fail)

    def _fail(self, error: Exception) -> None:
        """Say what is wrong where it can be put right."""
        self._reading = False
        if isinstance(error, HypsegError):
            field = FileSettings.model_fields.get(error.setting or "")
            self.problem.setText(str(error) if field is None else f"{error} The field {field.title} is for that.")
            self.problem.show()
            if error.setting in self.form.editors:
                self.form.editors[error.setting].widget.setFocus()
        else:
            show_exception(error)
        self.refresh()

    def _lay_out(self) -> None:
        hint = QLabel(HINT)
        for label in (hint, self.problem):
            label.setWordWrap(True)
        self.problem.setStyleSheet("font-weight: bold")
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.problem.hide()
        rows = QFormLayout()
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for title, box, shown in (
            ("File", self.path, row(self.path, self.browse)), ("Volume", self.volume, self.volume),
            ("Box", self.box, self.box),
        ):  # fmt: skip
            box.setAccessibleName(title)
            rows.addRow(title, shown)
        ends = QHBoxLayout()
        ends.addStretch(1)
        ends.addWidget(button("Close", "Opens nothing.", self.reject))
        ends.addWidget(self.read)
        layout = QVBoxLayout(self)
        layout.addWidget(hint)
        layout.addLayout(rows)
        layout.addWidget(self.form)
        layout.addWidget(self.problem)
        layout.addLayout(ends)
        self.read.setDefault(True)
        pass_wheel_to_parent(self)
        tab_in_reading_order(self)
