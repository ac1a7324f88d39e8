"""Step 1, choose: which layers are the specimen, what of them counts, and where the work is kept."""

from collections.abc import Sequence
from pathlib import Path
from weakref import WeakKeyDictionary, WeakSet

from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer
from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from napari_hypseg._napari.layer_project import PROJECT_SUFFIX, is_made_here, project_of
from napari_hypseg._napari.metadata_keys import SPECIMEN
from napari_hypseg._napari.volume_from_layers import volume_from_layers
from napari_hypseg._napari.voxel_statistics import looks_like_mask
from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.controllers.projects import ProjectController
from napari_hypseg._qt.layers.boxes import Boxes, grid_of
from napari_hypseg._qt.layers.grouping import Grouping, Role, by_file, group
from napari_hypseg._qt.layers.layer_events import LayerEvents
from napari_hypseg._qt.layers.specimens import Choice, folder_for, specimens_of, unfit
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.panels.role_choice import RoleChoice
from napari_hypseg._qt.panels.voxel_size_editor import VoxelSizeEditor
from napari_hypseg._qt.widgets.controls import set_enabled, set_tooltip
from napari_hypseg._qt.widgets.scrolling import ExpandingList
from napari_hypseg.io.box_file import parse_box
from napari_hypseg.volumes import Box, Volume

LIST_HEIGHT = 48
IN_PROJECT = "as in the project"
NARROW = 60
PATH_WIDTH = 205
LAYER = Qt.ItemDataRole.UserRole


class ChoosePanel(QWidget):
    """Which layers, which part, which voxel size, which project."""

    changed = Signal()

    def __init__(
        self,
        viewer: ViewerModel,
        model: WindowModel,
        activity: Activity,
        boxes: Boxes,
        events: LayerEvents,
        projects: ProjectController,
    ) -> None:
        super().__init__()
        self._viewer, self._model, self._activity = viewer, model, activity
        self._boxes, self._projects = boxes, projects
        self._folders: WeakKeyDictionary[Image, Path] = WeakKeyDictionary()
        self._known: WeakSet[Image] = WeakSet()
        self._mask_like: WeakKeyDictionary[Image, bool] = WeakKeyDictionary()
        self._opened: list[Image] = []
        self._answer: tuple[Role, frozenset[Image]] | None = None
        self._build()
        events.layers_changed.connect(self._list_layers)
        model.project_changed.connect(self._show_project)
        activity.changed.connect(self._update_enabled)
        boxes.changed.connect(self._on_boxes)
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
        boxes = [self._boxes.of(group) for group in groups]
        return Choice(specimens_of(groups, self._masks(), boxes), groups, self.project_folder)

    def groups(self) -> list[list[Image]]:
        """The ticked layers by specimen."""
        return [list(channels) for channels in self._grouping().groups]

    def picked(self) -> list[Image]:
        """The ticked layers, in the order of the list."""
        items = (self.layers.item(row) for row in range(self.layers.count()))
        return [item.data(LAYER) for item in items if item.checkState() == Qt.CheckState.Checked]

    @property
    def problem(self) -> str | None:
        """Why nothing can be learned from the present choice, as far as that is quickly seen."""
        if not self.picked():
            return "no volume is ticked in step 1."
        if self._grouping().role is None:
            return "step 1 asks whether the ticked volumes are channels or specimens."
        return None

    @property
    def voxels(self) -> int:
        """How many voxels count, without regard to a mask."""
        boxes = [self._boxes.of(channels) or Box.whole(grid_of(channels[0])) for channels in self.groups()]
        return sum(box.size for box in boxes)

    @property
    def masked(self) -> bool:
        """Whether a mask is chosen."""
        return self.masks.currentData() is not None

    @property
    def project_folder(self) -> Path:
        """Where the project is kept: what was chosen, else beside the first volume's file."""
        picked = self.picked()
        return (self._folders.get(picked[0]) if picked else None) or self.own_project or folder_for(picked)

    @property
    def own_project(self) -> Path | None:
        """The project whose volumes are just those that are ticked."""
        picked = self.picked()
        path = project_of(picked[0]) if picked else None
        held = [layer for layer in self._foreign() if isinstance(layer, Image) and project_of(layer) == path]
        return path if path is not None and held == picked else None

    def set_project_folder(self, path: Path | None) -> None:
        """Keep the project of what is ticked at `path`; None goes back to beside the volume."""
        for layer in self.picked()[:1]:
            self._folders.pop(layer, None)
            if path is not None:
                self._folders[layer] = path
        self._refresh()

    def _build(self) -> None:
        rows = QFormLayout(self)
        rows.setContentsMargins(6, 0, 6, 6)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.layers = ExpandingList(LIST_HEIGHT)
        self.layers.itemChanged.connect(self._refresh)
        self.layers.setAccessibleName("Volumes")
        set_tooltip(self.layers, "Tick the volumes whose regions you want to see.")
        rows.addRow(self.layers)
        self.roles = RoleChoice()
        self.roles.answered.connect(self._take_answer)
        rows.addRow(self.roles)
        self.masks = QComboBox()
        self.masks.currentIndexChanged.connect(self._refresh)
        set_tooltip(
            self.masks,
            "Only voxels above 0 in this layer get a region; the rest stays clear. Layers of labels are listed, and "
            "images of few whole numbers.",
        )
        rows.addRow("Mask", self.masks)
        self.box = QLineEdit()
        self._typed = False
        self.box.textChanged.connect(self._on_typed)
        self.box.editingFinished.connect(self._leave_box)
        set_tooltip(
            self.box,
            "Only voxels inside this box get a region. Numbers are voxels (z, y, x), the end is not included. "
            "What is typed here becomes the box of every ticked specimen.",
        )
        rows.addRow("Box", self.box)
        self.masks.setMinimumWidth(NARROW)
        self.masks.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.voxel_size = VoxelSizeEditor(self._projects.correct_voxel_size)
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
        set_tooltip(self._change, "Choose the folder in which regions, levels and colours are kept as you work.")
        self._change.clicked.connect(self._ask_folder)
        self.open_button = QPushButton("Open project…")
        set_tooltip(
            self.open_button, "Brings an earlier project back: its volume, regions, levels and colours as left."
        )
        self.open_button.clicked.connect(self._ask_project)
        layout.addWidget(self._change)
        layout.addWidget(self.open_button)
        return row

    def _list_layers(self) -> None:
        """Show the viewer's layers; ticks stay until volumes are opened, which are ticked if nothing is under way."""
        ticked, mask = self.picked(), self.masks.currentData()
        self.layers.blockSignals(True)
        self.layers.clear()
        images = [layer for layer in self._foreign() if isinstance(layer, Image)]
        fit = [layer for layer in images if unfit(layer) is None]
        self._note_opened(fit)
        if self._opened and self._activity.busy is None:
            ticked = self._opened
        ticked = [layer for layer in ticked if layer in fit] or fit[-1:]
        for layer in images:
            self._add_item(layer, layer in ticked)
        self.layers.blockSignals(False)
        self._list_masks(mask)
        self._refresh()

    def _foreign(self) -> list[Layer]:
        """The viewer's layers that this plugin did not make."""
        return [layer for layer in self._viewer.layers if not is_made_here(layer)]

    def _note_opened(self, fit: Sequence[Image]) -> None:
        """Take note of new volumes; those that come in one go, such as channels of a file, belong together."""
        fresh = [layer for layer in fit if layer not in self._known]
        self._known.update(fresh)
        if fresh and not self._opened:
            QTimer.singleShot(0, self._opened.clear)
        self._opened += fresh

    def _grouping(self) -> Grouping:
        picked = self.picked()
        role, about = self._answer or (None, frozenset())
        return group(picked, role if about.issuperset(picked) else None)

    def _take_answer(self) -> None:
        if (role := self.roles.answer) is not None:
            self._answer = (role, frozenset(self.picked()))
        self._refresh()

    def _add_item(self, layer: Image, ticked: bool) -> None:
        item = QListWidgetItem(layer.name)
        item.setData(LAYER, layer)
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        if (reason := unfit(layer)) is not None:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            item.setToolTip(f"<p>{reason}</p>")
        self.layers.addItem(item)

    def _masks(self) -> Labels | Image | Sequence[Volume | None] | None:
        """The chosen layer, or the masks of the project at hand, one for each specimen."""
        chosen, project = self.masks.currentData(), self._model.project
        if chosen != IN_PROJECT or project is None:
            return None if chosen == IN_PROJECT else chosen
        return [specimen.mask for specimen in project.specimens]

    def _can_be_mask(self, layer: Layer) -> bool:
        """Whether the values of a layer may say what counts; images are looked into once."""
        if is_made_here(layer) or layer.ndim != 3:
            return False
        if isinstance(layer, Image) and layer not in self._mask_like:
            self._mask_like[layer] = looks_like_mask(layer)
        return isinstance(layer, Labels) or self._mask_like.get(layer, False)

    def _list_masks(self, chosen: Labels | Image | str | None) -> None:
        project = self._model.project
        self.masks.blockSignals(True)
        self.masks.clear()
        self.masks.addItem("none", None)
        if project is not None and any(record.mask for record in project.records):
            self.masks.addItem(IN_PROJECT, IN_PROJECT)
            self.masks.setCurrentIndex(self.masks.count() - 1)
        for layer in self._viewer.layers:
            if self._can_be_mask(layer):
                self.masks.addItem(layer.name if isinstance(layer, Labels) else f"{layer.name} (image)", layer)
                if layer is chosen:
                    self.masks.setCurrentIndex(self.masks.count() - 1)
        self.masks.blockSignals(False)

    def _on_typed(self) -> None:
        self._typed = True

    def _leave_box(self) -> None:
        """Take the box up as soon as it is typed; what is no box is told once."""
        if self.box.isModified():
            self.box.setModified(False)
            with reporting_errors():
                self._take_box()

    def _take_box(self) -> None:
        """Make what was typed the box of all ticked specimens."""
        groups, text = self.groups(), self.box.text().strip()
        if self._typed and groups:
            self._boxes.put(groups, parse_box(text, volume_from_layers(groups[0])) if text else None)
            self._on_boxes()

    def _on_boxes(self) -> None:
        self._typed = False
        self._show_box()

    def _show_box(self) -> None:
        """Show the box of what is ticked, unless another one is being typed."""
        if self._typed:
            return
        boxes = {self._boxes.of(group) for group in self.groups()} or {None}
        one = boxes.pop() if len(boxes) == 1 else None
        self.box.blockSignals(True)
        self.box.setText("" if one is None else str(one))
        self.box.blockSignals(False)
        self.box.setPlaceholderText("one box for each specimen" if boxes else "whole volume, or z0:z1,y0:y1,x0:x1")

    def _refresh(self, *_: object) -> None:
        picked = self.picked()
        self._show_roles(picked)
        self._show_box()
        self.voxel_size.show_layers(picked)
        self._update_enabled()
        folder = str(self.project_folder) if picked else "—"
        metrics = self._path.fontMetrics()
        self._path.setText(metrics.elidedText(folder, Qt.TextElideMode.ElideMiddle, PATH_WIDTH))
        set_tooltip(self._path, f"Regions, levels and colours are kept in {folder} as you work.")
        self.changed.emit()

    def _show_roles(self, picked: Sequence[Image]) -> None:
        grouping = self._grouping()
        self.roles.setVisible(grouping.choosable)
        if grouping.choosable:
            self.roles.show_question([files[0].name for files in by_file(picked)], grouping.role)

    def _update_enabled(self) -> None:
        busy, picked = self._activity.busy, self.picked()
        set_enabled(self.layers, busy)
        for answer in (self.roles.channels, self.roles.specimens):
            set_enabled(answer, busy)
        set_enabled(
            self.masks, busy or (None if self.masks.count() > 1 else "no layer holds labels or few whole numbers.")
        )
        set_enabled(self.box, busy or (None if picked else "no volume is ticked."))
        set_enabled(self.voxel_size, busy)
        set_enabled(self._change, busy or (None if picked else "no volume is ticked."))
        set_enabled(self.open_button, busy)

    def _show_project(self) -> None:
        """Tick the volumes of a project that was opened and keep on working in its folder."""
        project = self._model.project
        if project is None:
            return
        own = [layer for layer in self._foreign() if project_of(layer) == project.path]
        self._answer = None
        rows = [self.layers.item(row) for row in range(self.layers.count())]
        self.layers.blockSignals(True)
        for item in rows if any(isinstance(layer, Image) for layer in own) else ():
            item.setCheckState(Qt.CheckState.Checked if item.data(LAYER) in own else Qt.CheckState.Unchecked)
        self.layers.blockSignals(False)
        self._list_masks(self.masks.currentData())
        images = [layer for layer in own if isinstance(layer, Image)]
        records = project.records
        self._boxes.replace([([layer], records[layer.metadata[SPECIMEN]].box) for layer in images])
        for layer in images:
            if self._folders.get(layer) != project.path:  # it is known by its project now
                self._folders.pop(layer, None)
        self._refresh()

    def _ask_folder(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Keep the project in", str(self.project_folder), f"hypseg project (*{PROJECT_SUFFIX})",
            options=QFileDialog.Option.DontConfirmOverwrite,
        )  # fmt: skip
        if chosen:
            self.set_project_folder(Path(chosen).with_suffix(PROJECT_SUFFIX))

    def _ask_project(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Open a project (NAME.hypseg)", str(self.project_folder.parent))
        if chosen:
            with reporting_errors():
                self._projects.open(Path(chosen))
