"""Step 2, find the sample: one button, a box that can be corrected, and a smaller file if that is wanted."""

from typing import TYPE_CHECKING

from napari.components import ViewerModel
from napari.layers import Image
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import LOCATE
from napari_hypseg._qt.controllers.locate import LocateController
from napari_hypseg._qt.layers.boxes import Boxes, Group, grid_of
from napari_hypseg._qt.layers.layer_events import LayerEvents
from napari_hypseg._qt.layers.specimen_model import SpecimenModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.widgets.collapsible import Collapsible
from napari_hypseg._qt.widgets.controls import button, row, set_enabled, set_tooltip
from napari_hypseg._qt.widgets.job_controls import JobControls
from napari_hypseg._qt.widgets.profile_plots import ProfilePlots
from napari_hypseg._qt.widgets.tab_order import tab_in_reading_order
from napari_hypseg.volumes import Box, Index3
from napari_hypseg.volumes.proposal import Proposal

if TYPE_CHECKING:
    from napari_hypseg._qt.panels.locate_form import LocateForm

NO_BOX = "there is no box: find the sample or type one in step 1."


class LocatePanel(QWidget):
    """The button, its settings, its progress, and what was found in the specimen at hand.

    Parameters
    ----------
    viewer, activity, boxes, events, locating
        Of the workspace.
    specimens
        What is chosen in step 1.
    """

    crop_requested = Signal()

    def __init__(
        self,
        viewer: ViewerModel,
        activity: Activity,
        boxes: Boxes,
        events: LayerEvents,
        locating: LocateController,
        specimens: SpecimenModel,
    ) -> None:
        super().__init__()
        self._layers, self._activity, self._boxes, self._locating = viewer.layers, activity, boxes, locating
        self._specimens = specimens
        self.form: LocateForm | None = None
        self.verdict, self.specimen = QLabel(), QComboBox()
        self.verdict.setWordWrap(True)
        self.plots = ProfilePlots(viewer.theme)
        self._plotted: tuple[Image, Proposal | None] | None = None
        self._make_buttons()
        self._lay_out()
        for signal in (activity.changed, boxes.changed, locating.changed):
            signal.connect(self.refresh)
        events.selection_changed.connect(self._follow_selection)
        self.specimen.currentIndexChanged.connect(self.refresh)
        self.plots.box_changed.connect(self._set_box)

    def current(self) -> Group | None:
        """The specimen whose findings are shown."""
        groups = self._specimens.groups()
        return groups[min(max(0, self.specimen.currentIndex()), len(groups) - 1)] if groups else None

    def refresh(self, *_: object) -> None:
        """Show what is known of the specimen at hand, enable what is possible now and say why the rest is not."""
        self._list_specimens()
        self._update_enabled()
        self._show_findings(None if self.job.under_way else self.current())

    def summary(self) -> str:
        """In a few words, what counts."""
        groups = self._specimens.groups()
        boxes = [box for group in groups if (box := self._boxes.of(group))]
        if len(groups) == 1 and boxes:
            return f"{share(boxes[0], Box.whole(grid_of(groups[0][0])))} of the volume"
        return f"boxes in {len(boxes)} of {len(groups)}" if boxes else "optional"

    def _show_findings(self, group: Group | None) -> None:
        """Show how sure it is and the profiles of a specimen, as far as there are any."""
        proposal = self._locating.proposals.get(group[0]) if group else None
        box = self._boxes.of(group) if group else None
        known = proposal is not None or box is not None
        self.verdict.setVisible(known)
        self.plots.setVisible(known)
        if not group or not known:
            return
        shape = grid_of(group[0])
        self.verdict.setText(verdict(proposal, box, shape))
        if self._plotted == (group[0], proposal):
            self.plots.set_box(box or Box.whole(shape))
        else:
            profiles, step = (proposal.profiles, proposal.step) if proposal else (None, (1.0, 1.0, 1.0))
            self.plots.show_profiles(profiles, step, shape, box or Box.whole(shape))
            self._plotted = (group[0], proposal)

    def _set_box(self, box: Box) -> None:
        group = self.current()
        if group:
            self._boxes.replace([(group, box)])

    def _make_buttons(self) -> None:
        self.search = button(
            "Find sample",
            "Looks for the sample in the ticked volumes and puts a box around it, which you can drag into shape.",
            self._find,
            main=True,
        )
        self.job = JobControls(
            self._activity, LOCATE, stop="Ends learning now and shows the box found with what was learned.",
            cancel="Ends the search and leaves the picture as it is.", before=[self.search],
        )  # fmt: skip
        self.whole = button("Whole volume", "Takes the box away: every voxel counts again.", self._forget_box)
        self.crop = button(
            "Crop and save…", "Writes what is inside the box as a smaller file.", self.crop_requested.emit
        )
        set_tooltip(self.specimen, "Whose box and profiles are shown; selecting a layer of a specimen chooses it too.")

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 0, 6, 6)
        holder = QWidget()
        QVBoxLayout(holder).setContentsMargins(0, 0, 0, 0)
        self.settings = Collapsible("Settings", holder, expanded=False, prominent=False)
        self.settings.toggled.connect(self._need_form)
        for widget in (
            self.job, self.settings, self.specimen, self.verdict, self.plots, row(self.whole, self.crop),
        ):  # fmt: skip
            layout.addWidget(widget)

    def _update_enabled(self) -> None:
        busy, group = self._activity.busy, self.current()
        nothing = self._specimens.problem
        no_box = None if group and self._boxes.of(group) else NO_BOX
        set_enabled(self.search, busy or nothing)
        set_enabled(self.whole, busy or no_box)
        set_enabled(self.crop, busy or nothing or no_box)
        set_enabled(self.settings.content, busy)

    def _list_specimens(self) -> None:
        names = [group[0].name for group in self._specimens.groups()]
        if names != [self.specimen.itemText(i) for i in range(self.specimen.count())]:
            self.specimen.blockSignals(True)
            self.specimen.clear()
            self.specimen.addItems(names)
            self.specimen.blockSignals(False)
        self.specimen.setVisible(len(names) > 1)

    def _follow_selection(self) -> None:
        volume = self._locating.volume_of(self._layers.selection.active)
        index = next((i for i, group in enumerate(self._specimens.groups()) if volume in group), -1)
        if index >= 0:
            self.specimen.setCurrentIndex(index)

    def _find(self) -> None:
        with reporting_errors():
            self._locating.find(self._specimens.groups(), self.form.values() if self.form else {})

    def _forget_box(self) -> None:
        group = self.current()
        if group:
            self._locating.forget_box(group)

    def _need_form(self, expanded: bool) -> None:
        """Make the form once it is to be seen: what it is made from takes longer to import than a dock to open."""
        layout = self.settings.content.layout()
        if expanded and self.form is None and layout is not None:
            from napari_hypseg._qt.panels.locate_form import LocateForm

            self.form = LocateForm()
            layout.addWidget(self.form)
            tab_in_reading_order(self)


def verdict(proposal: Proposal | None, box: Box | None, shape: Index3) -> str:
    """How much of a grid of `shape` counts, how sure that is, and what else the person should know."""
    whole = Box.whole(shape)
    counted = box or whole
    size = f"{'×'.join(map(str, counted.shape))} voxels (z, y, x), {share(counted, whole)} of the volume"
    if proposal is None or counted != proposal.box:
        return f"{'Set by hand' if box else 'No box'}: {size}"
    notes = "".join(f"\n⚠ {note}" for note in proposal.notes)
    return f"{round(100 * proposal.certainty)} % sure: {size}{notes}"


def share(box: Box, whole: Box) -> str:
    """How much of `whole` lies in `box`, in percent."""
    return f"{max(1, round(100 * box.size / whole.size))} %"
