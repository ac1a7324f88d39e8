"""Puts model, activity and controllers of one viewer together, and takes them apart when the dock closes."""

import gc
from functools import partial

from napari.components import ViewerModel
from qtpy.QtCore import QObject

from napari_hypseg._napari.layer_project import project_of
from napari_hypseg._napari.napari_internals import guard_layer_removal
from napari_hypseg._napari.plugin_preference import offer_writers_first, prefer_reader
from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.controllers.agreement import AgreementController
from napari_hypseg._qt.controllers.apply import ApplyController
from napari_hypseg._qt.controllers.classify import ClassifyController
from napari_hypseg._qt.controllers.compare import CompareController
from napari_hypseg._qt.controllers.divide import DivideController
from napari_hypseg._qt.controllers.latent_views import LatentViewController
from napari_hypseg._qt.controllers.learn import LearnController
from napari_hypseg._qt.controllers.levels import LevelController
from napari_hypseg._qt.controllers.locate import LocateController
from napari_hypseg._qt.controllers.measure import MeasureController
from napari_hypseg._qt.controllers.particle_pictures import ParticlePictures
from napari_hypseg._qt.controllers.particles import ParticleController
from napari_hypseg._qt.controllers.piece_edits import PieceEdits
from napari_hypseg._qt.controllers.pieces_preview import PiecesPreview
from napari_hypseg._qt.controllers.projects import ProjectController
from napari_hypseg._qt.controllers.save_as import SaveAsController
from napari_hypseg._qt.controllers.send_back import SendBackController
from napari_hypseg._qt.controllers.specimen_jobs import SpecimenJobs
from napari_hypseg._qt.controllers.speed_probe import SpeedProbe
from napari_hypseg._qt.controllers.structures import StructureController
from napari_hypseg._qt.controllers.surfaces import SurfaceController
from napari_hypseg._qt.controllers.thumbnails import Thumbnails
from napari_hypseg._qt.controllers.view_state import ViewStateController
from napari_hypseg._qt.controllers.write import WriteController
from napari_hypseg._qt.jobs.job_runner import JobRunner
from napari_hypseg._qt.layers.boxes import Boxes
from napari_hypseg._qt.layers.canvas_input import CanvasInput
from napari_hypseg._qt.layers.division_marks import DivisionMarks
from napari_hypseg._qt.layers.label_layers import LabelLayers
from napari_hypseg._qt.layers.layer_controls import LayerControls
from napari_hypseg._qt.layers.layer_events import LayerEvents
from napari_hypseg._qt.layers.measured_view import MeasuredView
from napari_hypseg._qt.layers.particle_view import ParticleView
from napari_hypseg._qt.layers.piece_clicks import PieceClicks
from napari_hypseg._qt.layers.project_view import ProjectView
from napari_hypseg._qt.model import WindowModel

JOBS = "napari_hypseg._qt.jobs.project_jobs"


class Workspace(QObject):
    """Everything behind the panels; each part is handed only the parts it uses.

    Parameters
    ----------
    viewer
        The viewer itself, not napari's proxy of it.
    jobs
        Name of the module whose functions are the jobs.
    """

    def __init__(self, viewer: ViewerModel, jobs: str = JOBS) -> None:
        super().__init__()
        self.viewer = viewer
        self.model = model = WindowModel()
        self.activity = activity = Activity(JobRunner(self), jobs, self)
        self.events, self.boxes = LayerEvents(viewer, self), Boxes(self)
        self.view = ProjectView(viewer, model)
        self.projects = ProjectController(viewer, model, activity, self)
        self.saving = SaveAsController(model, activity, self.projects, self)
        self.applying = ApplyController(model, activity, self)
        self.sending = SendBackController(model, activity, self)
        self.learning = LearnController(viewer, model, activity, self.projects, self.view, self)
        self.levels = LevelController(model, self.view, self)
        specimen_jobs = SpecimenJobs(activity, self)
        self.locating = LocateController(viewer, self.events, self.boxes, activity, specimen_jobs, self)
        self.structures, self.canvas = StructureController(model, self), CanvasInput(viewer, self)
        self.structures.status_changed.connect(partial(setattr, viewer, "status"))
        self.dividing, marks = DivideController(model, self), DivisionMarks(viewer, model)
        self.piece_edits = PieceEdits(model, self.structures, self)
        self.dividing.marks_changed.connect(lambda: marks.show(self.dividing.specimen, self.dividing.marks))
        self.dividing.divided.connect(self.structures.activate)
        self.view_state = ViewStateController(viewer, model, self)
        self.writing = WriteController(viewer, model, activity, self.levels, self.boxes, specimen_jobs, self)
        self.latent_views = LatentViewController(viewer, model, activity, self)
        self.measuring, self.measured = MeasureController(model, activity, self), MeasuredView(viewer)
        self.surfaces = SurfaceController(viewer, model, activity, self)
        labels = LabelLayers(viewer)
        self.agreement = AgreementController(viewer, model, self.events, labels, self.structures, self.levels, self)
        self.comparing = CompareController(viewer, model, self.view, self.events, labels, self)
        self.thumbnails = Thumbnails(model, viewer, self)
        self.piece_clicks = PieceClicks(viewer, self)
        self._previewing = JobRunner(self)
        self.pieces = PiecesPreview(model, self._previewing, jobs, self)
        self._finding = JobRunner(self)
        self.particles, self.particle_view = ParticleController(model, self._finding, jobs, self), ParticleView(viewer)
        self.particle_pictures, self.classifying = ParticlePictures(viewer, self), ClassifyController(activity, self)
        self._probe = JobRunner(self)
        self.speed = SpeedProbe(activity, self._probe, jobs, self)
        self._connect()
        prefer_reader()
        offer_writers_first()
        guard_layer_removal(viewer)
        self._controls = LayerControls(viewer)
        for layer in list(viewer.layers):
            self.projects.attach(project_of(layer))

    def _connect(self) -> None:
        self.events.project_inserted.connect(self.projects.attach)
        self.events.slice_changed.connect(self.learning.send_slice)
        self.learning.segmented.connect(self.speed.learn_from)
        self.activity.changed.connect(self._release_if_left)

    def leave(self) -> None:
        """Save, end what is under way and let the viewer go, for when the dock is closed; it does not wait."""
        self.levels.save()
        gc.unfreeze()
        if self.events.connected:
            self.events.disconnect_viewer()
            self.agreement.choose(None)
            self.comparing.end()
            self.canvas.disconnect_viewer()
            self.piece_clicks.disconnect_viewer()
            self.view_state.save()
            self.view_state.disconnect_viewer()
            self.view.disconnect()
            # Once only: when a widget says that it is destroyed, its timers are gone.
            self.pieces.stop()
            self.particles.stop()
            self.particle_pictures.stop()
            self.thumbnails.stop()
        self.activity.cancel()
        self._release_if_left()

    def shut_down(self) -> None:
        """End what is under way and wait until it has ended, for when the window closes."""
        self.leave()
        self.activity.runner.shut_down()
        self._probe.shut_down()
        self._previewing.shut_down()
        self._finding.shut_down()
        self.projects.release()
        self.particles.picks.forget()
        self.model.forget_views()

    def _release_if_left(self) -> None:
        if self.activity.kind is None and not self.events.connected:
            self.projects.release()
