"""Particles of a structure or a file as the window asks for them, again and again while settings are tried."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from napari_hypseg.errors import HypsegError
from napari_hypseg.jobs import Job, Stage
from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.junk import Place
from napari_hypseg.particles.pick_settings import PickSettings
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.pipeline.answer_requests import answer_requests
from napari_hypseg.pipeline.measured import structure_masks
from napari_hypseg.pipeline.particles import (
    CountedParticles,
    ParentChoice,
    find_particles_job,
    junk_of,
    read_particles_job,
)
from napari_hypseg.project.project import Project
from napari_hypseg.structures.instances import InstanceSettings


@dataclass(frozen=True)
class ParticleChoice:
    """Which particles are wanted.

    Parameters
    ----------
    structure
        Name of the structure that they are found in; empty for those of a file.
    specimen
        Its number.
    settings, pieces
        `PickSettings` and `InstanceSettings`.
    parent
        Name of the structure on whose pieces they are counted, empty for none.
    split_parents, fill_parents
        Whether pieces of the parent that touch are parted, and whether hollow ones are filled.
    picks
        Path of the file that they are read from, in place of a structure.
    file
        `FileSettings` of that file.
    box_size
        Edge in voxels of the boxes that they fit into, None if nobody has said.
    junk
        Places (z, y, x) in voxels of those of a file that were marked as junk: no project keeps them.
    """

    structure: str
    specimen: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    pieces: Mapping[str, Any] = field(default_factory=dict)
    parent: str = ""
    split_parents: bool = False
    fill_parents: bool = False
    picks: str = ""
    file: Mapping[str, Any] = field(default_factory=dict)
    box_size: int | None = None
    junk: tuple[Place, ...] = ()


@dataclass(frozen=True)
class ParticlesRequest:
    """A choice, and the number of the request, which its report has, too."""

    number: int
    choice: ParticleChoice


@dataclass(frozen=True, eq=False)
class ParticlesReport:
    """What was found for the request `number`, or the sentence that says why nothing was."""

    number: int
    counted: CountedParticles | None = None
    problem: str = ""


def preview_particles(project: Path, newest: Callable[[], ParticlesRequest | None]) -> Job[None]:
    """Yield a `ParticlesReport` for each request that `newest` gives, until closed.

    Parameters
    ----------
    project
        Its folder, read anew for each request, since structures are edited meanwhile.
    newest
        The request made last, None before the first.
    """
    yield from answer_requests(newest, lambda request: _report_job(project, request), Stage.PICK)


def choice_job(project: Project, choice: ParticleChoice) -> Job[CountedParticles]:
    """Find or read the particles of a choice.

    Raises
    ------
    HypsegError
        If a setting cannot be so, or there are none.
    """
    grid, parent = TomogramGrid.of(project.specimen_record(choice.specimen)), _parent_of(project, choice)
    if choice.picks:
        settings_of_file = FileSettings.check(dict(choice.file))
        counted = yield from read_particles_job(Path(choice.picks), grid, settings_of_file, parent, choice.junk)
        return boxed(counted, choice.box_size)
    settings = PickSettings.check(dict(choice.settings))
    pieces = InstanceSettings.check(dict(choice.pieces))
    (one,) = structure_masks(project, (choice.structure,), choice.specimen)
    junk = junk_of(project, one, choice.specimen)
    return (yield from find_particles_job(one, grid, settings, pieces, parent, junk))


def boxed(counted: CountedParticles, box_size: int | None) -> CountedParticles:
    """The same with the edge in voxels of the boxes that the particles fit into, where it is known."""
    if box_size is None:
        return counted
    everything = None if counted.everything is None else replace(counted.everything, box_size=box_size)
    return replace(counted, particles=replace(counted.particles, box_size=box_size), everything=everything)


def _parent_of(project: Project, choice: ParticleChoice) -> ParentChoice | None:
    """What the particles of a choice are counted on."""
    if not choice.parent:
        return None
    (on,) = structure_masks(project, (choice.parent,), choice.specimen)
    return ParentChoice(on, InstanceSettings(split_touching=choice.split_parents, fill_hollow=choice.fill_parents))


def _report_job(project: Path, request: ParticlesRequest) -> Job[ParticlesReport]:
    try:
        counted = yield from choice_job(Project.open(project), request.choice)
    except HypsegError as error:
        return ParticlesReport(request.number, problem=str(error))
    return ParticlesReport(request.number, counted)
