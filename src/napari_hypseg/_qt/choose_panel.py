"""Step 1, choose: which layers are the specimen, what of them counts, and where the work is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from napari.layers import Image, Labels
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from napari_hypseg._napari.marks import SPECIMEN
from napari_hypseg._qt.boxes import grid_of
from napari_hypseg._qt.explain import allow, explain
from napari_hypseg._qt.notify import telling
from napari_hypseg._qt.project_view import project_of
from napari_hypseg._qt.session import Session
from napari_hypseg._qt.specimens import SUFFIX, folder_for, specimens_of, unfit
from napari_hypseg._qt.voxel_size import VoxelSizeEditor
from napari_hypseg.io.box_file import parse_box
from napari_hypseg.volumes import Specimen, Volume

LIST_HEIGHT = 62
IN_PROJECT = "as in the project"
NARROW = 60
PATH_WIDTH = 205
LAYER = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, eq=False)
class Choice:
    """What is to be learned from, the layers each specimen comes from, and where the work is kept."""

    specimens: list[Specimen]
    groups: list[list[Image]]
    path: Path


class ChoosePanel(QWidget):
    """Which layers, which part, which voxel size, which project."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._folder: Path | None = None
        self._build()
        session.layers_changed.connect(self._list_layers)
        session.project_changed.connect(self._show_project)
        session.changed.connect(self._allow)
        session.boxes.changed.connect(self._on_boxes)
        self._list_layers()

    def choice(self) -> Choice:
        """What is chosen.

        Raises
        ------
        HypsegError
            If it cannot be learned from; the sentence says why.
        """
        self._take_box()
        groups = self.groups()
        boxes = [self._session.boxes.of(group) for group in groups]
        return Choice(specimens_of(groups, self._masks(), boxes), groups, self.project_folder)

    def groups(self) -> list[list[Image]]:
        """The ticked layers by specimen."""
        layers = self.picked()
        separate = self.roles.currentIndex() == 1 and len(layers) > 1
        return [[layer] for layer in layers] if separate else [layers] if layers else []

    def picked(self) -> list[Image]:
        """The ticked layers, in the order of the list."""
        items = (self.layers.item(row) for row in range(self.layers.count()))
        return [item.data(LAYER) for item in items if item.checkState() == Qt.CheckState.Checked]

    @property
    def problem(self) -> str | None:
        """Why nothing can be learned from the present choice, as far as that is quickly seen."""
        return None if self.picked() else "no volume is ticked in step 1"

    @property
    def project_folder(self) -> Path:
        """Where the project is kept: what was chosen, else beside the first volume's file."""
        return self._folder or folder_for(self.picked())

    def set_project_folder(self, path: Path | None) -> None:
        """Keep the project at `path`; None goes back to beside the volume."""
        self._folder = path
        self._refresh()

    def _build(self) -> None:
        rows = QFormLayout(self)
        rows.setContentsMargins(6, 0, 6, 6)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.layers = QListWidget()
        self.layers.setFixedHeight(LIST_HEIGHT)
        self.layers.itemChanged.connect(self._refresh)
        self.layers.setAccessibleName("Volumes")
        explain(self.layers, "Tick the volumes whose regions you want to see.")
        rows.addRow(self.layers)
        self.roles = QComboBox()
        self.roles.addItems(["channels of one specimen", "several specimens"])
        self.roles.currentIndexChanged.connect(self._refresh)
        explain(
            self.roles,
            "Channels are seen together and give one picture of regions; specimens get a picture each, with the same "
            "colours for the same kind of region.",
        )
        rows.addRow("Ticked are", self.roles)
        self.masks = QComboBox()
        self.masks.currentIndexChanged.connect(self._refresh)
        explain(self.masks, "Only voxels inside the labels of this layer get a region; the rest stays clear.")
        rows.addRow("Mask", self.masks)
        self.box = QLineEdit()
        self._typed = False
        self.box.textChanged.connect(self._on_typed)
        self.box.editingFinished.connect(self._leave_box)
        explain(
            self.box,
            "Only voxels inside this box get a region. Numbers are voxels (z, y, x), the end is not included. "
            "What is typed here becomes the box of every ticked specimen.",
        )
        rows.addRow("Box", self.box)
        for box in (self.roles, self.masks):
            box.setMinimumWidth(NARROW)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.voxel_size = VoxelSizeEditor(self._session)
        rows.addRow("Voxel z, y, x", self.voxel_size)
        self._path = QLabel()
        self._path.setMinimumWidth(NARROW)
        rows.addRow("Project", self._path)
        rows.addRow(self._project_buttons())

    def _project_buttons(self) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        self._change = QPushButton("Keep elsewhere…")
        explain(self._change, "Choose the folder in which regions, levels and colours are kept as you work.")
        self._change.clicked.connect(self._ask_folder)
        self.open_button = QPushButton("Open project…")
        explain(self.open_button, "Brings an earlier project back: its volume, regions, levels and colours as left.")
        self.open_button.clicked.connect(self._ask_project)
        layout.addWidget(self._change)
        layout.addWidget(self.open_button)
        return row

    def _list_layers(self) -> None:
        """Show the viewer's layers; ticks stay, and where there is none the newest volume gets one."""
        ticked, mask = self.picked(), self.masks.currentData()
        self.layers.blockSignals(True)
        self.layers.clear()
        layers = [layer for layer in self._session.viewer.layers if not self._session.owns(layer)]
        images = [layer for layer in layers if isinstance(layer, Image)]
        fit = [layer for layer in images if unfit(layer) is None]
        ticked = [layer for layer in ticked if layer in fit] or fit[-1:]
        for layer in images:
            self._add_item(layer, layer in ticked)
        self.layers.blockSignals(False)
        self._list_masks(mask)
        self._refresh()

    def _add_item(self, layer: Image, ticked: bool) -> None:
        item = QListWidgetItem(layer.name)
        item.setData(LAYER, layer)
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        if (reason := unfit(layer)) is not None:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            item.setToolTip(f"<p>{reason}</p>")
        self.layers.addItem(item)

    def _masks(self) -> Labels | Sequence[Volume | None] | None:
        """The chosen layer, or the masks of the project at hand, one for each specimen."""
        chosen, project = self.masks.currentData(), self._session.project
        if chosen != IN_PROJECT or project is None:
            return None if chosen == IN_PROJECT else chosen
        return [specimen.mask for specimen in project.specimens]

    def _list_masks(self, chosen: Labels | str | None) -> None:
        project = self._session.project
        self.masks.blockSignals(True)
        self.masks.clear()
        self.masks.addItem("none", None)
        if project is not None and any(record.mask for record in project.records):
            self.masks.addItem(IN_PROJECT, IN_PROJECT)
            self.masks.setCurrentIndex(self.masks.count() - 1)
        for layer in self._session.viewer.layers:
            if isinstance(layer, Labels) and not self._session.owns(layer) and layer.ndim == 3:
                self.masks.addItem(layer.name, layer)
                if layer is chosen:
                    self.masks.setCurrentIndex(self.masks.count() - 1)
        self.masks.blockSignals(False)

    def _on_typed(self) -> None:
        self._typed = True

    def _leave_box(self) -> None:
        """Take the box up as soon as it is typed; what is no box is told once."""
        if self.box.isModified():
            self.box.setModified(False)
            with telling():
                self._take_box()

    def _take_box(self) -> None:
        """Make what was typed the box of all ticked specimens."""
        groups, text = self.groups(), self.box.text().strip()
        if self._typed and groups:
            self._session.boxes.put(groups, parse_box(text, grid_of(groups[0][0])) if text else None)
            self._on_boxes()

    def _on_boxes(self) -> None:
        self._typed = False
        self._show_box()

    def _show_box(self) -> None:
        """Show the box of what is ticked, unless another one is being typed."""
        if self._typed:
            return
        boxes = {self._session.boxes.of(group) for group in self.groups()} or {None}
        one = boxes.pop() if len(boxes) == 1 else None
        self.box.blockSignals(True)
        self.box.setText("" if one is None else str(one))
        self.box.blockSignals(False)
        self.box.setPlaceholderText("one box for each specimen" if boxes else "whole volume, or z0:z1,y0:y1,x0:x1")

    def _refresh(self, *_: object) -> None:
        picked = self.picked()
        self._show_box()
        self.voxel_size.show_layers(picked)
        self._allow()
        folder = str(self.project_folder) if picked or self._folder else "—"
        metrics = self._path.fontMetrics()
        self._path.setText(metrics.elidedText(folder, Qt.TextElideMode.ElideMiddle, PATH_WIDTH))
        explain(self._path, f"Regions, levels and colours are kept in {folder} as you work.")
        self.changed.emit()

    def _allow(self) -> None:
        busy, picked = self._session.busy, self.picked()
        allow(self.layers, busy)
        allow(self.roles, busy or (None if len(picked) > 1 else "only one volume is ticked."))
        allow(self.masks, busy or (None if self.masks.count() > 1 else "there is no labels layer to serve as a mask."))
        allow(self.box, busy or (None if picked else "no volume is ticked."))
        allow(self.voxel_size, busy)
        allow(self._change, busy or (None if picked else "no volume is ticked."))
        allow(self.open_button, busy)

    def _show_project(self) -> None:
        """Tick the volumes of a project that was opened and keep on working in its folder."""
        project = self._session.project
        if project is None:
            return
        foreign = [layer for layer in self._session.viewer.layers if not self._session.owns(layer)]
        own = [layer for layer in foreign if project_of(layer) == project.path]
        rows = [self.layers.item(row) for row in range(self.layers.count())]
        self.layers.blockSignals(True)
        for item in rows if any(isinstance(layer, Image) for layer in own) else ():
            item.setCheckState(Qt.CheckState.Checked if item.data(LAYER) in own else Qt.CheckState.Unchecked)
        self.layers.blockSignals(False)
        self._list_masks(self.masks.currentData())
        images = [layer for layer in own if isinstance(layer, Image)]
        records = project.records
        self._session.boxes.replace([([layer], records[layer.metadata[SPECIMEN]].box) for layer in images])
        self.set_project_folder(project.path)

    def _ask_folder(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Keep the project in", str(self.project_folder), f"hypseg project (*{SUFFIX})",
            options=QFileDialog.Option.DontConfirmOverwrite,
        )  # fmt: skip
        if chosen:
            self.set_project_folder(Path(chosen).with_suffix(SUFFIX))

    def _ask_project(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Open a project (NAME.hypseg)", str(self.project_folder.parent))
        if chosen:
            with telling():
                self._session.open(Path(chosen))
