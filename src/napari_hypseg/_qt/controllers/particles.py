"""Particles from the window's side: a job of its own finds them again whenever something else is wanted."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from napari.utils.notifications import show_error
from qtpy.QtCore import QObject, Signal

from napari_hypseg._qt.controllers.job_requests import JobRequests
from napari_hypseg._qt.controllers.picks import OpenedPicks, PicksController
from napari_hypseg._qt.controllers.session_history import SessionHistory
from napari_hypseg._qt.jobs.job_runner import JobRunner
from napari_hypseg._qt.layers.layer_events import single_shot
from napari_hypseg._qt.model import WindowModel
from napari_hypseg.particles.junk import junk_mask, marks_on, places_of
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.pipeline.particles import CountedParticles
from napari_hypseg.pipeline.preview_particles import ParticleChoice, ParticlesReport, ParticlesRequest
from napari_hypseg.structures.annotation import Annotation, Place
from napari_hypseg.structures.edits import MarkJunk
from napari_hypseg.structures.same_voxels import same_voxels

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project

DELAY_MS = 200
"""For which nothing else has to be wanted before a job begins: a number is typed digit by digit."""


@dataclass(frozen=True, eq=False)
class FoundParticles:
    """Particles that were found or read, what was asked for, and the structures as they were, if there were any."""

    project: "Project"
    choice: ParticleChoice
    annotation: Annotation | None
    counted: CountedParticles

    @property
    def folder(self) -> Path:
        """Where files about them are kept, if nobody says otherwise."""
        return Path(self.choice.picks or self.project.path).parent

    @property
    def everything(self) -> ParticleSet:
        """All that were found, junk included, in the order in which they were found."""
        return self.counted.particles if self.counted.everything is None else self.counted.everything


class ParticleController(QObject):
    """Finds the particles that are wanted now.

    Signals
    -------
    changed
        Others are there, are being looked for, or there is a reason why there are none.
    """

    changed = Signal()

    def __init__(self, model: WindowModel, runner: JobRunner, jobs: str, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self.history = SessionHistory(lambda: 0 if model.structures is None else len(model.structures.steps))
        self._requests = JobRequests(runner, f"{jobs}:preview_particles", self)
        self.wanted: ParticleChoice | None = None
        self.found: FoundParticles | None = None
        self.problem = ""
        self._asked: tuple[int, ParticleChoice, Project, Annotation | None] | None = None
        self._later = single_shot(self, self._ask, DELAY_MS)
        self._requests.answered.connect(self._take)
        self._requests.failed.connect(self._fail)
        model.structures_changed.connect(self._follow)
        model.project_changed.connect(self.forget)
        self.picks = PicksController(model, self.history, self)  # tells of another project after all was forgotten
        self.picks.changed.connect(self._follow_picks)

    @property
    def ready(self) -> bool:
        """Whether what is wanted is there."""
        found, now = self.found, self._model.annotation
        if found is None or found.choice != self.wanted or found.project is not self._project_of(found.choice):
            return False
        if found.choice.picks:
            parent = found.choice.parent
            return (
                not parent
                or now is None
                or (found.annotation is not None and same_voxels(found.annotation, now, (parent,)))
            )
        if now is None or found.annotation is None:
            return False
        return same_voxels(found.annotation, now, (found.choice.structure, found.choice.parent)) and (
            _junk(found.annotation, found.choice) == _junk(now, found.choice)
        )

    def want(self, choice: ParticleChoice) -> None:
        """Find the particles of a choice."""
        if choice != self.wanted or self.problem:
            self.wanted, self.problem = choice, ""
        if not self.ready:
            self._later.start()
        self.changed.emit()

    def junk(self, particles: ParticleSet) -> npt.NDArray[np.bool_]:
        """Which (n,) of the particles are junk now."""
        picks = self.opened_picks
        return junk_mask(particles, self._marks()[1] if picks is None else self.picks.junk_of(picks))

    @property
    def opened_picks(self) -> OpenedPicks | None:
        """The file that the particles were read from, None if they were found in a structure."""
        return None if self.found is None else self.picks.at(self.found.choice.picks)

    def mark_junk(self, particles: ParticleSet, junk: bool) -> None:
        """Mark particles as junk, or for False none of them any more, which can be undone.

        Of a structure it is an edit of the project; what was read from a file is marked as long as the window is open.

        Raises
        ------
        HypsegError
            If the project is only read, or they are marked so already.
        """
        picks = self.opened_picks
        if picks is not None:
            marked = places_of(particles) if junk else marks_on(particles, self.picks.junk_of(picks))
            self.picks.mark(picks, marked, junk)
            return
        structures, (structure, marks) = self._model.structures, self._marks()
        if structures is None or structure is None or self.found is None:
            return
        places = places_of(particles) if junk else marks_on(particles, marks)
        if places:
            specimen = self.found.choice.specimen
            structures.do(MarkJunk(structure=structure, specimen=specimen, places=places, junk=junk))

    def _marks(self) -> tuple[int | None, frozenset[Place]]:
        """The structure whose particles were found, None if it is gone, and the places that are marked in it."""
        found, annotation = self.found, self._model.annotation
        for one in annotation.structures.values() if annotation is not None and found is not None else ():
            if annotation is not None and found is not None and one.name == found.choice.structure:
                return one.id, annotation.junk_places(one.id, found.choice.specimen)
        return None, frozenset()

    def stop(self) -> None:
        """Look for none any more; those that were found stay."""
        self._later.stop()
        self._requests.stop()
        self.wanted, self.problem = None, ""
        self.changed.emit()

    def forget(self) -> None:
        """Another project is at hand."""
        self.found = None
        self.stop()

    def _follow(self) -> None:
        """Take up edits of structures."""
        annotation = self._model.annotation
        if self.wanted is not None and annotation is not None:
            named = {one.name for one in annotation.structures.values()}
            if {self.wanted.structure, self.wanted.parent} - {""} <= named:
                self.want(self.wanted)
            else:
                self.stop()

    def _follow_picks(self) -> None:
        """Take up what was marked as junk among the particles of a file."""
        picks = None if self.wanted is None else self.picks.at(self.wanted.picks)
        if self.wanted is not None and picks is not None:
            self.want(replace(self.wanted, junk=tuple(sorted(self.picks.junk_of(picks)))))

    def _ask(self) -> None:
        project, annotation = self._project_of(self.wanted), self._model.annotation
        readable = annotation is not None or (self.wanted is not None and bool(self.wanted.picks))
        if self.wanted is not None and project is not None and readable and not self.ready:
            number = self._requests.next_number()
            self._asked = number, self.wanted, project, annotation
            self._requests.ask(project.path, ParticlesRequest(number, self.wanted))

    def _take(self, report: Any) -> None:
        if not isinstance(report, ParticlesReport) or self._asked is None or self._asked[0] != report.number:
            return
        _, choice, project, annotation = self._asked
        self.problem = report.problem
        if report.counted is not None and project is self._project_of(choice):
            self.found = FoundParticles(project, choice, annotation, report.counted)
        self.changed.emit()

    def _project_of(self, choice: ParticleChoice | None) -> "Project | None":
        """Where the particles of a choice are."""
        if choice is None or not choice.picks:
            return self._model.project
        picks = self.picks.at(choice.picks)
        return None if picks is None else self.picks.project_of(picks)

    def _fail(self, message: str) -> None:
        show_error(message)
        self.stop()


def _junk(annotation: Annotation, choice: ParticleChoice) -> frozenset[Place]:
    """What was marked as junk among the particles of a choice."""
    return annotation.junk_places(annotation.structure(choice.structure).id, choice.specimen)
