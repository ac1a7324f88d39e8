"""Step 4, explore: the slider through the levels of the tree, and the levels worth keeping."""

from collections.abc import Mapping
from types import MappingProxyType

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import APPLY, EXPORT
from napari_hypseg._qt.controllers.latent_views import LatentViewController
from napari_hypseg._qt.controllers.levels import LevelController
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.panels.doubt_list import DoubtList
from napari_hypseg._qt.panels.latent_view_panel import LatentViewPanel
from napari_hypseg._qt.panels.level_list import LevelList
from napari_hypseg._qt.panels.structures_panel import StructuresPanel
from napari_hypseg._qt.widgets.collapsible import Collapsible
from napari_hypseg._qt.widgets.controls import button, row, set_enabled, set_tooltip
from napari_hypseg._qt.widgets.segmented_choice import SegmentedChoice
from napari_hypseg.hierarchy.tree import KINDS, PARTS
from napari_hypseg.hierarchy.trees import TREES

FEWEST = 2
SLIDER_END = 64
STEP_MS = 16
TREE_TOOLTIPS: Mapping[str, str] = MappingProxyType(
    {
        PARTS: "Groups by what is part of what: parts join the whole that they lie in. The slider, the colours and a "
        "click follow; what is selected stays.",
        KINDS: "Groups by what is of one kind, wherever it lies. The slider, the colours and a click follow; what is "
        "selected stays.",
    }
)


class ExplorePanel(QWidget):
    """Number of regions, by slider up to 64 and by number up to the leaves; kept levels; the way to the export."""

    apply_requested = Signal()
    export_requested = Signal()
    charts_requested = Signal()
    measure_requested = Signal()
    particles_requested = Signal()

    def __init__(
        self,
        model: WindowModel,
        activity: Activity,
        levels: LevelController,
        structures: StructuresPanel,
        latent_views: LatentViewController,
        surfaces: QWidget,
        agreement: QWidget,
        compare: QWidget,
        first: QWidget,
    ) -> None:
        super().__init__()
        self.first = first
        self._model, self._activity, self._levels = model, activity, levels
        self._wanted: int | None = None
        self._pace = QTimer(self)
        self._pace.setSingleShot(True)
        self._pace.setInterval(STEP_MS)
        self._pace.timeout.connect(self._follow)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.number = QSpinBox()
        self.tree = SegmentedChoice({kind.name: TREE_TOOLTIPS[kind.name] for kind in TREES.values()})
        self.back = button(
            "Show the regions", "Puts the regions of the slider back into the picture.", lambda: levels.show(None)
        )
        self.through = QCheckBox("See through large regions in 3D")
        self.through.setChecked(True)
        self.name = QLineEdit()
        self.keep = QPushButton("Keep this level")
        self.levels = LevelList(model, levels)
        self.structures = structures
        self.export, self.measure = QPushButton("Export…"), QPushButton("Measure…")
        self.charts, self.particles = QPushButton("Tree and disk…"), QPushButton("Particles…")
        self.apply = QPushButton("Apply to other volumes…")
        self.doubts = DoubtList(model)
        self.doubtful = Collapsible("Look here first", self.doubts, expanded=False, prominent=False)
        self.latent_views = LatentViewPanel(model, activity, latent_views)
        self.pictures = Collapsible("See what was learned", self.latent_views, expanded=False, prominent=False)
        self.surfaces = Collapsible("Surfaces in 3D", surfaces, expanded=False, prominent=False)
        self.agreement = Collapsible("Agreement with labels", agreement, expanded=False, prominent=False)
        self.compare = Collapsible("Compare under a curtain", compare, expanded=False, prominent=False)
        kept = QWidget()
        inside = QVBoxLayout(kept)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addLayout(_row(self.name, self.keep))
        inside.addWidget(self.levels)
        self.kept = Collapsible("Kept levels", kept, expanded=False, prominent=False)
        self._set_tooltips()
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """Show where the project at hand stands."""
        project, tree = self._model.project, self._model.tree
        most = tree.n_leaves if tree else SLIDER_END
        self._show(project.n_regions if project and tree else FEWEST, most)
        self._follow_tree()
        self._update_enabled()

    def _connect(self) -> None:
        self.tree.chosen.connect(self._choose_tree)
        self.slider.valueChanged.connect(self._want)
        self.number.valueChanged.connect(self._want)
        self.through.toggled.connect(self._see_through)
        self.name.returnPressed.connect(self._keep)
        self.keep.clicked.connect(self._keep)
        self.levels.regions_requested.connect(self._want)
        self.export.clicked.connect(self.export_requested)
        self.apply.clicked.connect(self.apply_requested)
        self.charts.clicked.connect(self.charts_requested)
        self.measure.clicked.connect(self.measure_requested)
        self.particles.clicked.connect(self.particles_requested)
        self._model.project_changed.connect(self.refresh)
        self._model.visibility_changed.connect(self._update_enabled)
        self._model.cut_changed.connect(self._follow_cut)
        self._model.tree_changed.connect(self._follow_tree)
        self._activity.changed.connect(self._update_enabled)

    def _set_tooltips(self) -> None:
        self.slider.setAccessibleName("Number of regions")
        self.slider.setPageStep(4)
        set_tooltip(self.slider, "Left for few large regions, right for many small ones; the picture follows the hand.")
        set_tooltip(self.number, "Shows exactly this many regions, up to the number of leaves.")
        set_tooltip(
            self.through,
            "In 3D the largest regions, usually background, are left out so that the small ones among them are seen.",
        )
        set_tooltip(self.name, "What the kept level will be called in the list of layers.")
        set_tooltip(
            self.keep, "Adds the regions now shown as a layer of their own that stays when the slider moves on."
        )
        set_tooltip(
            self.charts,
            "Shows or hides below the picture: the tree of all regions, in which the cut can be dragged, and all "
            "leaves as points in latent space.",
        )
        set_tooltip(self.measure, "Counts and measures structures, regions or pieces in a table below the picture.")
        set_tooltip(
            self.particles,
            "Shows the pieces of a structure, points on its surface, or the picks of another program as particles, "
            "counts them and hands them on.",
        )
        set_tooltip(
            self.apply,
            "Carries what was learned and named here to other volumes of the same kind: each gets a project of its own "
            "with the same regions, trees and structures.",
        )
        set_tooltip(self.export, "Writes the regions now shown, or a kept level, as a mask for other programs.")

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 0, 6, 6)
        layout.addWidget(self.first)
        layout.addLayout(_row(QLabel("Regions"), self.slider, self.number))
        layout.addWidget(row(QLabel("Group by"), self.tree))
        layout.addWidget(self.back)
        layout.addWidget(self.structures)
        layout.addWidget(self.kept)
        layout.addWidget(self.through)
        layout.addWidget(row(self.charts, self.measure))
        layout.addWidget(row(self.particles, self.export))
        layout.addWidget(self.apply)
        layout.addWidget(self.doubtful)
        layout.addWidget(self.compare)
        layout.addWidget(self.agreement)
        layout.addWidget(self.surfaces)
        layout.addWidget(self.pictures)

    def _update_enabled(self) -> None:
        reason = "there are no regions yet: make first regions, or train." if self._model.tree is None else None
        writing = EXPORT.busy if self._activity.kind is EXPORT else None
        for control in (self.slider, self.number, self.through, self.charts):
            set_enabled(control, reason)
        for name in self.tree.buttons:
            self.tree.set_word_enabled(name, reason or self._why_not(name))
        for keeping in (self.name, self.keep):
            set_enabled(keeping, reason or self._model.locked)
        set_enabled(self.export, reason or writing)
        set_enabled(self.measure, reason)
        set_enabled(self.apply, reason or (APPLY.busy if self._activity.kind is APPLY else None))
        self.back.setVisible(self._model.tree is not None and None not in self._model.visible_levels)
        self.doubtful.setVisible(self.doubts.count() > 0)
        self.levels.set_enabled(reason, self._model.locked)

    def _why_not(self, tree: str) -> str | None:
        """Why the slider cannot cut a tree, None if it can."""
        if tree in self._model.trees or self._model.project is None:
            return None
        name = self._model.project.path.name
        return f"an earlier version made these regions, without that tree; make it with: hypseg regroup {name}"

    def _choose_tree(self, name: str) -> None:
        with reporting_errors():
            self._levels.choose_tree(name)
        self._follow_tree()

    def _follow_tree(self) -> None:
        project = self._model.project
        self.tree.show_choice(PARTS if project is None else project.tree)

    def _want(self, n_regions: int) -> None:
        """Take note of where the hand is; the picture is brought there at most every `STEP_MS`."""
        self._show(n_regions)
        self._wanted = n_regions
        if not self._pace.isActive():
            self._follow()

    def _follow(self) -> None:
        if self._wanted is None:
            return
        with reporting_errors():
            self._levels.set_regions(self._wanted)
        self._wanted = None
        self._pace.start()

    def _show(self, n_regions: int, most: int | None = None) -> None:
        """Move the controls without taking it for the hand's wish."""
        for control, end in ((self.slider, SLIDER_END), (self.number, most or 0)):
            control.blockSignals(True)
            if most is not None:
                control.setRange(FEWEST, min(end, most))
            control.setValue(n_regions)
            control.blockSignals(False)
        self.name.setPlaceholderText(f"{n_regions} regions")

    def _follow_cut(self) -> None:
        if self._model.project is not None and self._wanted is None:
            self._show(self._model.project.n_regions)

    def _see_through(self, wanted: bool) -> None:
        self._model.see_through = wanted

    def _keep(self) -> None:
        with reporting_errors():
            self._follow()
            self._levels.keep(self.name.text())
            self.name.clear()


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget, int(isinstance(widget, QSlider | QLineEdit)))
    return row
