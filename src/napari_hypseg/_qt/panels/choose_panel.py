"""Step 1, choose: which layers are the specimen, what of them counts, and where the work is kept."""

from qtpy.QtCore import Signal
from qtpy.QtGui import QAction
from qtpy.QtWidgets import QComboBox, QFormLayout, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.controllers.projects import ProjectController
from napari_hypseg._qt.controllers.save_as import SaveAsController
from napari_hypseg._qt.layers.boxes import Boxes
from napari_hypseg._qt.layers.grouping import by_file
from napari_hypseg._qt.layers.specimen_model import SpecimenModel
from napari_hypseg._qt.layers.specimens import Choice
from napari_hypseg._qt.panels.box_field import BoxField
from napari_hypseg._qt.panels.project_folder import NARROW, ProjectFolder
from napari_hypseg._qt.panels.role_choice import RoleChoice
from napari_hypseg._qt.panels.volume_list import VolumeList
from napari_hypseg._qt.panels.voxel_size_editor import VoxelSizeEditor
from napari_hypseg._qt.widgets.controls import set_enabled, set_tooltip


class ChoosePanel(QWidget):
    """Which layers, which part, which voxel size, which project: a view of `SpecimenModel`.

    Signals
    -------
    save_requested
        With the folder to which the project at hand is to be copied.
    picks_requested
        The person wants to see particles that another program has picked in a volume.
    """

    save_requested = Signal(object)
    picks_requested = Signal()

    def __init__(
        self, specimens: SpecimenModel, activity: Activity, boxes: Boxes, projects: ProjectController,
        saving: SaveAsController,
    ) -> None:  # fmt: skip
        super().__init__()
        self._specimens, self._activity = specimens, activity
        self.layers = VolumeList(specimens)
        self.roles = RoleChoice()
        self.masks = QComboBox()
        self.box = BoxField(specimens, boxes)
        self.voxel_size = VoxelSizeEditor(projects.correct_voxel_size)
        self.picks = QAction("Open picks…", self)
        self.picks.setToolTip(
            "Shows particles that another program has picked in this volume, from a STAR file, a Dynamo table, copick "
            "or CSV, in a gallery; no regions are needed."
        )
        self.picks.triggered.connect(lambda: self.picks_requested.emit())
        self.folder = ProjectFolder(specimens, activity, projects, saving, self.save_requested.emit, self.picks, self)
        self._lay_out()
        self.roles.answered.connect(self._take_answer)
        self.masks.currentIndexChanged.connect(self._choose_mask)
        specimens.changed.connect(self._refresh)
        activity.changed.connect(self._update_enabled)
        self._refresh()

    def choice(self) -> Choice:
        """What is chosen, with the box that was typed.

        Raises
        ------
        HypsegError
            If it cannot be learned from; the sentence says why.
        """
        self.box.apply()
        return self._specimens.choice()

    def _lay_out(self) -> None:
        rows = QFormLayout(self)
        rows.setContentsMargins(6, 0, 6, 6)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows.addRow(self.layers)
        rows.addRow(self.roles)
        self.masks.setMinimumWidth(NARROW)
        self.masks.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        set_tooltip(
            self.masks,
            "Only voxels above 0 in this layer get a region; the rest stays clear. Layers of labels are listed, and "
            "images of few whole numbers.",
        )
        rows.addRow("Mask", self.masks)
        rows.addRow("Box", self.box)
        rows.addRow("Voxel z, y, x", self.voxel_size)
        self.folder.add_to(rows)

    def _take_answer(self) -> None:
        if (role := self.roles.answer) is not None:
            self._specimens.answer(role)

    def _choose_mask(self) -> None:
        self._specimens.mask.choose(self.masks.currentData())

    def _refresh(self) -> None:
        self.layers.refresh()
        self._show_roles()
        self._show_masks()
        self.box.refresh()
        self.voxel_size.show_layers(self._specimens.ticked)
        self._update_enabled()

    def _show_roles(self) -> None:
        grouping = self._specimens.grouping
        self.roles.setVisible(grouping.choosable)
        if grouping.choosable:
            names = [files[0].name for files in by_file(self._specimens.ticked)]
            self.roles.show_question(names, grouping.role)

    def _show_masks(self) -> None:
        self.masks.blockSignals(True)
        self.masks.clear()
        for row, (name, option) in enumerate(self._specimens.mask.options()):
            self.masks.addItem(name, option)
            if option is self._specimens.mask.chosen:
                self.masks.setCurrentIndex(row)
        self.masks.blockSignals(False)

    def _update_enabled(self) -> None:
        busy = self._activity.busy
        set_enabled(self.layers, busy)
        for answer in (self.roles.channels, self.roles.specimens):
            set_enabled(answer, busy)
        no_mask = None if self.masks.count() > 1 else "no layer holds labels or few whole numbers."
        set_enabled(self.masks, busy or no_mask)
        set_enabled(self.box, busy or (None if self._specimens.ticked else "no volume is ticked."))
        set_enabled(self.voxel_size, busy)
        self.picks.setEnabled(bool(self._specimens.ticked))
        self.folder.refresh(busy)
