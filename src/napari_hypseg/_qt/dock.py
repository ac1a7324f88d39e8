"""The dock: the steps of the journey one below the other. Composition only; each step has its own file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import napari
from napari.utils.notifications import show_warning
from qtpy.QtCore import QEvent, QObject, QSize, Qt, QTimer
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QApplication, QFrame, QMessageBox, QScrollArea, QVBoxLayout, QWidget

from napari_hypseg._napari.proxy import unwrapped
from napari_hypseg._qt.dialogs.close_dialog import WindowStatus, confirm_before_close, consequence
from napari_hypseg._qt.dialogs.crop_dialog import CropDialog
from napari_hypseg._qt.dialogs.export_dialog import ExportDialog
from napari_hypseg._qt.dialogs.locate_dialog import ask_place
from napari_hypseg._qt.dialogs.overwrite_dialog import OverwriteChoice, ask_overwrite, free_name
from napari_hypseg._qt.dialogs.write_dialog import WriteDialog
from napari_hypseg._qt.jobs.preload import preloading
from napari_hypseg._qt.jobs.tasks import Steps, StepTask
from napari_hypseg._qt.layers.half_resolution import FACTORS, binned_voxels, can_be_halved, half_layer
from napari_hypseg._qt.layers.project_difference import project_difference
from napari_hypseg._qt.notifications import reporting_errors, show_exception
from napari_hypseg._qt.panels.choose_panel import ChoosePanel
from napari_hypseg._qt.panels.explore_panel import ExplorePanel
from napari_hypseg._qt.panels.learn_panel import LearnPanel
from napari_hypseg._qt.panels.locate_panel import LocatePanel
from napari_hypseg._qt.session import Session
from napari_hypseg._qt.style import style_sheet
from napari_hypseg._qt.widgets.collapsible import Collapsible
from napari_hypseg._qt.widgets.collapsible_column import CollapsibleColumn
from napari_hypseg._qt.widgets.progress_line import format_duration
from napari_hypseg._qt.widgets.wheel_filter import pass_wheel_to_parent
from napari_hypseg.volumes.binning import binned_box

WIDTH = 360
HEIGHT = 620
PRELOAD_DELAY_MS = 300
"""Time for the window to draw the panel first."""


class HypsegDock(QWidget):
    """Choose, find the sample, learn, explore, export."""

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        self._placed = False
        session = self.session = Session(unwrapped(napari_viewer))
        self.choose = ChoosePanel(session)
        self.locate = LocatePanel(session, self.choose.groups, lambda: self.choose.problem)
        self.learn = LearnPanel(
            session, self._train, self._learn_on, self._segment, lambda: self.choose.problem, self._difference,
            lambda: self.choose.voxels, self._locked,
        )  # fmt: skip
        self.learn.half_requested.connect(self._work_at_half)
        self.explore = ExplorePanel(session)
        self._state, self._touched = "", False
        self._fit = _soon(self, lambda: self._arrange(resized=True))  # once the style has come to all widgets
        self.steps = (
            Collapsible("1  Choose", self.choose),
            Collapsible("2  Find the sample", self.locate),
            Collapsible("3  Learn", self.learn),
            Collapsible("4  Explore and export", self.explore),
        )
        self.dialog: WriteDialog | None = None
        self.question: QMessageBox | None = None
        self._lay_out()
        self.choose.changed.connect(self._summarise)
        self._turn = _soon(self, self._turn_to_project)  # once all layers of a project are there
        self.choose.changed.connect(self._turn.start)
        session.boxes.changed.connect(self._summarise)
        session.project_changed.connect(self._name_steps)
        session.missing_files.missed.connect(self._ask_places)
        session.changed.connect(self._arrange)
        self.explore.export_requested.connect(self._export)
        self.locate.crop_requested.connect(self._crop)
        WindowStatus(session, unwrapped(napari_viewer).window)
        self.destroyed.connect(lambda: session.shut_down())
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(session.shut_down)
        self._preload = _soon(self, lambda: StepTask(preloading(), show_exception, self), PRELOAD_DELAY_MS)
        self._preload.start()
        session.theme_changed.connect(self._follow_theme)
        self._follow_theme(session.viewer.theme)
        self._summarise()
        if session.project is not None:  # its layers were there before the dock
            session.project_changed.emit()

    def sizeHint(self) -> QSize:
        """Narrow enough to leave the picture its room at 1280×720."""
        return QSize(WIDTH, HEIGHT)

    def changeEvent(self, event: QEvent) -> None:
        """Napari takes a dock that is closed out of the window but keeps it alive: work must not go on unseen."""
        if event.type() == QEvent.Type.ParentChange:
            if self.parent() is None and self._placed:
                self._leave()
            self._placed = self.parent() is not None
            confirm_before_close(self, lambda: consequence(self.session))
        super().changeEvent(event)

    def _leave(self) -> None:
        """End what is under way, never without a word."""
        if (ends := consequence(self.session)) is not None:
            show_warning(ends)
        self.session.leave()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More room shows more steps, unless the person has folded some by hand."""
        super().resizeEvent(event)
        self._fit.start()

    def _lay_out(self) -> None:
        self._column = CollapsibleColumn(self.steps)
        for step in self.steps:
            step.pressed.connect(self._touch)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._column)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll)
        pass_wheel_to_parent(self)

    def _follow_theme(self, theme: str) -> None:
        self.setStyleSheet(style_sheet(theme))

    def _summarise(self) -> None:
        picked = self.choose.picked()
        names = ", ".join(layer.name for layer in picked)
        self.steps[0].set_summary(names)
        self.locate.refresh()
        self.steps[1].set_summary(self.locate.summary())
        self.learn.refresh()
        self._arrange()

    def _name_steps(self) -> None:
        project = self.session.project
        self.steps[2].set_summary(_learned(project.training) if project else "")
        self.steps[3].set_summary(project.path.name if project else "")
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
        project, activity = self.session.project, self.session.activity
        explorable = [explore] if project is not None and project.hierarchy is not None else []
        if activity == "locate":
            return activity, [locate, choose]
        if activity == "learn":
            return activity, [learn, *explorable]
        if self.choose.problem is not None:
            return "ask", [choose, learn, *explorable, locate]
        if explorable and self._difference() is None:
            return "explore", [explore, self.explore.pictures, learn, choose, locate]
        if self._state in ("locate", "found"):  # what was found stays in sight
            return "found", [locate, learn, choose, *explorable]
        return "choose", [learn, choose, locate, *explorable]

    def _train(self) -> None:
        with reporting_errors():
            choice, settings = self.choose.choice(), self.learn.form.settings()
            overwrite = False
            if choice.path.exists() and not self.session.is_at_hand(choice):
                answer = ask_overwrite(choice.path, self)
                if answer is OverwriteChoice.OPEN:
                    self.session.open(choice.path)
                if answer is OverwriteChoice.RENAME:
                    choice = replace(choice, path=free_name(choice.path))
                    self.choose.set_project_folder(choice.path)
                overwrite = answer is OverwriteChoice.OVERWRITE
                if answer in (OverwriteChoice.OPEN, OverwriteChoice.CANCEL):
                    return
            self.session.learn(choice, settings, overwrite)

    def _learn_on(self) -> None:
        with reporting_errors():
            self.session.learn_on(self.choose.choice(), self.learn.form.settings())

    def _segment(self) -> None:
        with reporting_errors():
            self.session.segment(self.choose.choice(), self.learn.form.settings())

    def _difference(self) -> str | None:
        project = self.session.project
        if project is None:
            return None
        return project_difference(project, self.choose.groups(), self.session.boxes, self.choose.masked)

    def _locked(self) -> str | None:
        """Why Train cannot go on in the project at hand, if that is where it would."""
        project = self.session.project
        here = project is not None and project.path == self.choose.project_folder and self._difference() is None
        return self.session.locked if here else None

    def _ask_places(self, gone: Sequence[Path]) -> None:
        self.question = ask_place(gone, self.session.missing_files.locate, self)

    def _turn_to_project(self) -> None:
        """What is ticked is what is worked on: ticking the volumes of another project puts that at hand."""
        path, project = self.choose.own_project, self.session.project
        if path is not None and self.session.busy is None and (project is None or project.path != path):
            self.session.open(path)

    def _work_at_half(self) -> None:
        StepTask(self._halving(), show_exception, self)

    def _halving(self) -> Steps:
        """Add what is ticked at half resolution: newly added volumes are ticked."""
        groups = [group for group in self.choose.groups() if all(map(can_be_halved, group))]
        layers = [layer for group in groups for layer in group]
        place = self.choose.project_folder
        self.learn.half.setEnabled(False)
        voxels = yield partial(binned_voxels, layers)
        self.learn.half.setEnabled(True)
        halves = {layer: half_layer(layer, binned) for layer, binned in zip(layers, voxels, strict=True)}
        for half in halves.values():
            self.session.viewer.add_layer(half)
        boxes = [(group, box) for group in groups if (box := self.session.boxes.of(group)) is not None]
        self.session.boxes.replace(
            [
                ([halves[layer] for layer in group], binned_box(box, FACTORS, halves[group[0]].data.shape))
                for group, box in boxes
            ]
        )
        if not place.exists():
            self.choose.set_project_folder(place)

    def _export(self) -> None:
        self._open(ExportDialog(self.session, self))

    def _crop(self) -> None:
        current = self.locate.current()
        if current:
            self._open(CropDialog(self.session, self.choose.groups(), current, self))

    def _open(self, dialog: WriteDialog) -> None:
        self.dialog = dialog
        dialog.show()


def _soon(parent: QObject, act: Callable[[], object], delay: int = 0) -> QTimer:
    """A timer that calls `act` when what is going on has been dealt with, or after a `delay` in milliseconds."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(delay)
    timer.timeout.connect(act)
    return timer


def _learned(training: Mapping[str, Any]) -> str:
    """How long and on what was learned."""
    seconds = training.get("seconds")
    return "" if seconds is None else f"{format_duration(seconds)} on {training['device']}"
