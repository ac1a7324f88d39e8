"""The dock: the steps of the journey one below the other. Composition only; each step has its own file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import napari
from napari.utils.notifications import show_warning
from qtpy.QtCore import QEvent, QPoint, QRect, QSize
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QApplication, QMessageBox, QVBoxLayout, QWidget

from napari_hypseg._napari.napari_internals import unwrapped
from napari_hypseg._qt.activity_kinds import FIRST, LEARN, LOCATE
from napari_hypseg._qt.dialogs.apply_dialog import ApplyDialog
from napari_hypseg._qt.dialogs.classify_dialog import ClassifyDialog
from napari_hypseg._qt.dialogs.close_dialog import WindowStatus, confirm_before_close, consequence
from napari_hypseg._qt.dialogs.crop_dialog import CropDialog
from napari_hypseg._qt.dialogs.export_dialog import ExportDialog
from napari_hypseg._qt.dialogs.key_help import KeyHelp
from napari_hypseg._qt.dialogs.particle_dialog import ParticleDialog
from napari_hypseg._qt.dialogs.picks_dialog import PicksDialog
from napari_hypseg._qt.dialogs.project_questions import (
    OverwriteChoice,
    ask_location,
    ask_overwrite,
    ask_replace,
    ask_send_back,
    free_name,
)
from napari_hypseg._qt.dialogs.surface_dialog import SurfaceDialog
from napari_hypseg._qt.dialogs.write_dialog import WriteDialog
from napari_hypseg._qt.jobs.preload import preloading
from napari_hypseg._qt.jobs.tasks import Steps, StepTask
from napari_hypseg._qt.layers.half_resolution import add_half_layers
from napari_hypseg._qt.layers.layer_events import single_shot
from napari_hypseg._qt.layers.project_difference import project_difference
from napari_hypseg._qt.layers.specimen_model import SpecimenModel
from napari_hypseg._qt.layers.specimens import Choice, unfit
from napari_hypseg._qt.notifications import reporting_errors, show_exception
from napari_hypseg._qt.panels.agreement_panel import AgreementPanel
from napari_hypseg._qt.panels.chart_dock import ChartDock
from napari_hypseg._qt.panels.choose_panel import ChoosePanel
from napari_hypseg._qt.panels.compare_panel import ComparePanel
from napari_hypseg._qt.panels.explore_panel import ExplorePanel
from napari_hypseg._qt.panels.first_regions_panel import FirstRegionsPanel
from napari_hypseg._qt.panels.gallery_panel import GalleryPanel
from napari_hypseg._qt.panels.learn_panel import LearnPanel, Readiness
from napari_hypseg._qt.panels.locate_panel import LocatePanel
from napari_hypseg._qt.panels.measure_panel import MeasurePanel
from napari_hypseg._qt.panels.particle_panel import ParticlePanel
from napari_hypseg._qt.panels.structures_panel import StructuresPanel
from napari_hypseg._qt.panels.surface_panel import SurfacePanel
from napari_hypseg._qt.style import style_sheet
from napari_hypseg._qt.widgets.collapsible import Collapsible
from napari_hypseg._qt.widgets.collapsible_column import CollapsibleColumn
from napari_hypseg._qt.widgets.progress_line import format_duration
from napari_hypseg._qt.widgets.scrolling import pass_wheel_to_parent, scrolling_down
from napari_hypseg._qt.widgets.tab_order import tab_in_reading_order
from napari_hypseg._qt.workspace import JOBS, Workspace
from napari_hypseg.io.overwrite_protection import PROJECT_FILE
from napari_hypseg.structures.structure import Structure

if TYPE_CHECKING:
    from napari_hypseg.project.run_settings import RunSettings

WIDTH = 360
HEIGHT = 620
ROOM_BELOW = QSize(1600, 860)
"""Size of the window from which on there is room for a table below the picture."""
TABLE_SIZE = QSize(960, 320)
"""Size of a window with the table alone."""
PRELOAD_DELAY_MS = 300
"""Time for the window to draw the panel first."""


class HypsegDock(QWidget):
    """Choose, find the sample, learn, explore, export.

    Parameters
    ----------
    napari_viewer
        The window to work in.
    jobs
        Name of the module whose functions are the jobs.
    """

    def __init__(self, napari_viewer: napari.Viewer, jobs: str = JOBS) -> None:
        super().__init__()
        self._placed = False
        self.workspace = Workspace(unwrapped(napari_viewer), jobs)
        self.model, self.activity = self.workspace.model, self.workspace.activity
        self.dialog: WriteDialog | None = None
        self.apply_dialog: ApplyDialog | None = None
        self.classify_dialog: ClassifyDialog | None = None
        self.picks_dialog: PicksDialog | None = None
        self.question: QMessageBox | None = None
        self.keys: KeyHelp | None = None
        self._state, self._touched = "", False
        self._make_panels()
        self.steps = (
            Collapsible("1  Choose", self.choose),
            Collapsible("2  Find the sample", self.locate),
            Collapsible("3  Learn", self.learn),
            Collapsible("4  Explore and export", self.explore),
        )
        self._fit = single_shot(self, lambda: self._arrange(resized=True))  # once the style has come to all widgets
        self._switch = single_shot(self, self._switch_project)  # once all layers of a project are there
        self._lay_out()
        self._connect_panels()
        self._connect_window()
        self._follow_theme(self.workspace.viewer.theme)
        self._summarise()

    def sizeHint(self) -> QSize:
        """Narrow enough to leave the picture its room at 1280×720."""
        return QSize(WIDTH, HEIGHT)

    def changeEvent(self, event: QEvent) -> None:
        """Napari takes a dock that is closed out of the window but keeps it alive: work must not go on unseen."""
        if event.type() == QEvent.Type.ParentChange:
            if self.parent() is None and self._placed:
                self._leave()
            self._placed = self.parent() is not None
            confirm_before_close(self, self._consequence)
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More room shows more steps, unless the person has folded some by hand."""
        super().resizeEvent(event)
        self._fit.start()

    def _make_panels(self) -> None:
        work, model, activity = self.workspace, self.model, self.activity
        viewer, boxes, theme = work.viewer, work.boxes, work.viewer.theme
        self.specimens = SpecimenModel(viewer, model, boxes, work.events, lambda: activity.busy is None)
        self.choose = ChoosePanel(self.specimens, activity, boxes, work.projects, work.saving)
        self.locate = LocatePanel(viewer, activity, boxes, work.events, work.locating, self.specimens)
        self.learn = LearnPanel(model, activity, work.speed, self._readiness, theme)
        self.structures = StructuresPanel(
            model, work.structures, work.dividing, work.piece_edits, work.canvas, work.thumbnails, work.sending, theme
        )
        self.structures.keys_requested.connect(self._show_keys)
        self.structures.send_requested.connect(self._send_back)
        self.structures.strip.place_chosen.connect(work.measured.fly_to)
        self.measure = MeasurePanel(
            model, activity, work.measuring, work.structures, work.measured, work.pieces, work.piece_clicks
        )
        gallery = GalleryPanel(
            model, work.particles, work.particle_pictures, work.structures, work.measured, work.classifying, theme
        )
        self.particles = ParticlePanel(
            model, activity, work.particles, work.particle_view, work.measuring, work.measured, gallery
        )
        self.surfaces = SurfacePanel(model, activity, work.surfaces)
        self.agreement, self.compare = AgreementPanel(model, work.agreement), ComparePanel(model, work.comparing)
        self.first = FirstRegionsPanel(model, activity, self.learn.first_refusal)
        self.explore = ExplorePanel(
            model, activity, work.levels, self.structures, work.latent_views, self.surfaces, self.agreement,
            self.compare, self.first,
        )  # fmt: skip
        self.charts = ChartDock(viewer.window, model, work.structures, work.thumbnails, theme, self)

    def _connect_panels(self) -> None:
        work = self.workspace
        self.specimens.changed.connect(self._summarise)
        self.specimens.changed.connect(self._switch.start)
        work.boxes.changed.connect(self._summarise)
        self.model.project_changed.connect(self._show_project)
        self.activity.changed.connect(self._arrange)
        self.choose.save_requested.connect(self._save_as)
        self.learn.train_requested.connect(lambda: self._begin(work.learning.learn))
        for first in (self.learn.first_requested, self.first.requested):
            first.connect(lambda: self._begin(work.learning.make_first))
        self.learn.learn_on_requested.connect(self._learn_on)
        self.learn.segment_requested.connect(self._segment)
        self.learn.half_requested.connect(self._work_at_half)
        self.learn.preview_requested.connect(work.learning.set_preview)
        self.explore.export_requested.connect(self._export)
        self.explore.apply_requested.connect(self._apply)
        self.explore.doubts.place_chosen.connect(work.measured.fly_to)
        self.explore.charts_requested.connect(self.charts.toggle)
        self.charts.regions_requested.connect(self.explore.number.setValue)
        self.surfaces.save_requested.connect(self._save_surfaces)
        self.explore.measure_requested.connect(self._measure)
        self.explore.particles_requested.connect(self._show_particles)
        self.particles.export_requested.connect(self._export_particles)
        for panel in (self.particles, self.choose):
            panel.picks_requested.connect(self._open_picks)
        work.particles.picks.opened.connect(lambda _: self._show_below(self.particles, "Hypseg particles"))
        self.particles.gallery.classify_requested.connect(self._classify_particles)
        self.locate.crop_requested.connect(self._crop)
        work.projects.files_missing.connect(self._ask_locations)
        for follow in (
            self._follow_theme,
            self.learn.curve.set_theme,
            self.locate.plots.set_theme,
            self.structures.set_theme,
            self.particles.gallery.chart.view.set_theme,
            self.charts.set_theme,
        ):
            work.events.theme_changed.connect(follow)

    def _connect_window(self) -> None:
        work = self.workspace
        WindowStatus(self.activity, work.viewer.window, work.leave)
        self.destroyed.connect(lambda: work.shut_down())
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(work.shut_down)
        single_shot(self, lambda: StepTask(preloading(), show_exception, self), PRELOAD_DELAY_MS).start()

    def _consequence(self) -> str | None:
        return consequence(self.activity, self.model)

    def _leave(self) -> None:
        """End what is under way, never without a word."""
        if (ends := self._consequence()) is not None:
            show_warning(ends)
        self.charts.close()
        for table in (self.measure, self.particles):
            if table.parent() is not None:
                self.workspace.viewer.window.remove_dock_widget(table)
        self.workspace.leave()

    def _lay_out(self) -> None:
        self._column = CollapsibleColumn(self.steps)
        for step in self.steps:
            step.pressed.connect(self._touch)
        self._scroll = scrolling_down(self._column)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll)
        pass_wheel_to_parent(self)
        tab_in_reading_order(self)

    def _follow_theme(self, theme: str) -> None:
        for part in (self, self.measure, self.particles):
            part.setStyleSheet(style_sheet(theme))

    def _summarise(self) -> None:
        self.steps[0].set_summary(", ".join(layer.name for layer in self.specimens.ticked))
        self.locate.refresh()
        self.steps[1].set_summary(self.locate.summary())
        self.learn.refresh()
        self.first.refresh()
        self._arrange()

    def _show_project(self) -> None:
        project = self.model.project
        self.steps[2].set_summary(_learned(project.training) if project is not None else "")
        self.steps[3].set_summary(project.path.name if project is not None else "")
        self.learn.refresh()
        self._arrange(anew=True)

    def _touch(self) -> None:
        self._touched = True

    def _arrange(self, *, resized: bool = False, anew: bool = False) -> None:
        """Unfold the step at hand, and what else there is room for; what the person folds stays until work moves on."""
        state, order = self._order()
        if anew or state != self._state:
            self._touched = False
        elif self._touched or not resized:
            return
        self._state = state
        self._column.expand_what_fits(order, self.height())
        if not resized:
            self._scroll.verticalScrollBar().setValue(0)

    def _order(self) -> tuple[str, list[Collapsible]]:
        """What the person is at, and the steps by how much they matter now."""
        choose, locate, learn, explore = self.steps
        explorable = [explore] if self.model.tree is not None else []
        if self.activity.kind is LOCATE:
            return "locate", [locate, choose]
        if self.activity.kind is LEARN:
            return "learn", [explore, learn] if self.model.from_filters else [learn, *explorable]
        if self.activity.kind is FIRST:
            return "first", [explore, choose]
        if self.specimens.problem is not None:
            return "ask", [choose, learn, *explorable, locate]
        if explorable and self._difference() is None:
            return "explore", [explore, self.explore.pictures, learn, choose, locate]
        if self._state in ("locate", "found"):  # what was found stays in sight
            return "found", [locate, learn, choose, *explorable]
        return "choose", [learn, choose, locate, *explorable]

    def _readiness(self) -> Readiness:
        project, difference = self.model.project, self._difference()
        here = project is not None and project.path == self.specimens.project_folder and difference is None
        locked = self.model.locked if here else None
        return Readiness(self.specimens.voxels, self.specimens.problem, difference, locked)

    def _difference(self) -> str | None:
        project = self.model.project
        if project is None:
            return None
        return project_difference(
            project, self.specimens.groups(), self.workspace.boxes, self.specimens.mask.chosen is not None
        )

    def _begin(self, start: "Callable[[Choice, RunSettings, bool], None]") -> None:
        """Start what makes regions of what is ticked; first ask what is to become of a project in the way."""
        with reporting_errors():
            choice, settings = self.choose.choice(), self.learn.form.settings()
            overwrite = False
            if choice.path.exists() and not self.workspace.learning.is_at_hand(choice):
                answer = ask_overwrite(choice.path, self)
                if answer is OverwriteChoice.OPEN:
                    self.workspace.projects.open(choice.path)
                if answer is OverwriteChoice.RENAME:
                    choice = replace(choice, path=free_name(choice.path))
                    self.specimens.set_project_folder(choice.path)
                overwrite = answer is OverwriteChoice.OVERWRITE
                if answer in (OverwriteChoice.OPEN, OverwriteChoice.CANCEL):
                    return
            start(choice, settings, overwrite)

    def _learn_on(self) -> None:
        with reporting_errors():
            self.workspace.learning.learn_on(self.choose.choice(), self.learn.form.settings())

    def _segment(self) -> None:
        with reporting_errors():
            self.workspace.learning.segment(self.choose.choice(), self.learn.form.settings())

    def _save_as(self, target: Path) -> None:
        overwrite = (target / PROJECT_FILE).exists()  # whatever else is there is never replaced
        if not overwrite or ask_replace(target, self):
            with reporting_errors():
                self.workspace.saving.save(target, overwrite)

    def _ask_locations(self, gone: Sequence[Path]) -> None:
        self.question = ask_location(gone, self.workspace.projects.locate_files, self)

    def _switch_project(self) -> None:
        """What is ticked is what is worked on: ticking the volumes of another project puts that at hand."""
        path, project = self.specimens.own_project, self.model.project
        if path is not None and self.activity.busy is None and (project is None or project.path != path):
            self.workspace.projects.open(path)

    def _work_at_half(self) -> None:
        StepTask(self._add_half(), show_exception, self)

    def _add_half(self) -> Steps:
        """Add what is ticked at half resolution: newly added volumes are ticked."""
        folder = self.specimens.project_folder
        self.learn.half.setEnabled(False)
        yield from add_half_layers(self.workspace.viewer, self.specimens.groups(), self.workspace.boxes)
        self.learn.half.setEnabled(True)
        if not folder.exists():
            self.specimens.set_project_folder(folder)

    def _export(self) -> None:
        self._open(ExportDialog(self.model, self.activity, self.workspace.writing, self))

    def _apply(self) -> None:
        project = self.model.project
        if project is not None:
            self.apply_dialog = ApplyDialog(project.path.parent, self.activity, self.workspace.applying, self)
            self.apply_dialog.show()

    def _send_back(self, structure: Structure | None) -> None:
        with reporting_errors():
            self.question = ask_send_back(self.workspace.sending, structure, self)

    def _save_surfaces(self) -> None:
        self._open(SurfaceDialog(self.model, self.activity, self.workspace.writing, self.surfaces.choice(), self))

    def _measure(self) -> None:
        """Show the table, where the active structure is chosen."""
        self._show_below(self.measure, "Hypseg table")
        self.measure.choose_active()

    def _show_particles(self) -> None:
        """Show the particles of the active structure."""
        self._show_below(self.particles, "Hypseg particles")
        self.particles.choose_active()

    def _export_particles(self) -> None:
        found = self.particles.found
        if found is not None:
            self._open(ParticleDialog(self.activity, self.workspace.writing, found, self))

    def _open_picks(self) -> None:
        """Ask for a file of particles, of the volume that is ticked first or of another one."""
        ticked = self.specimens.ticked
        volumes = [*ticked, *(one for one in self.specimens.images if one not in ticked and unfit(one) is None)]
        self.picks_dialog = PicksDialog(self.workspace.particles.picks, volumes, self)
        self.picks_dialog.show()

    def _classify_particles(self) -> None:
        gallery = self.particles.gallery
        if gallery.found is not None:
            self.classify_dialog = ClassifyDialog(self.workspace.classifying, gallery.found, gallery.box.value(), self)
            self.classify_dialog.show()

    def _show_below(self, part: QWidget, name: str) -> None:
        """Show a table below the picture, or in a window of its own where there is no room."""
        window = self.workspace.viewer.window
        if part.parent() is None:
            shown = window.add_dock_widget(part, name=name, area="bottom", add_vertical_stretch=False)
            here = self.window().geometry()
            if here.width() < ROOM_BELOW.width() or here.height() < ROOM_BELOW.height():
                shown.setFloating(True)  # the picture and napari's own controls would have no room
                shown.setGeometry(QRect(here.bottomLeft() - QPoint(0, TABLE_SIZE.height()), TABLE_SIZE))
            else:
                self.charts.share_place(shown)

    def _show_keys(self) -> None:
        if self.keys is None:
            self.keys = KeyHelp(self)
        self.keys.show()
        self.keys.raise_()

    def _crop(self) -> None:
        current, work = self.locate.current(), self.workspace
        if current:
            self._open(CropDialog(self.activity, work.boxes, work.writing, self.specimens.groups(), current, self))

    def _open(self, dialog: WriteDialog) -> None:
        self.dialog = dialog
        dialog.show()


def _learned(training: Mapping[str, Any]) -> str:
    """How long and on what was learned."""
    seconds = training.get("seconds")
    return "" if seconds is None else f"{format_duration(seconds)} on {training['device']}"
