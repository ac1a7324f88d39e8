"""The jobs the window asks for, by name and with plain arguments, as they run in the job's process.

This module imports neither Qt nor napari.
"""

import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_hypseg._qt.jobs.job_process import Control
from napari_hypseg.io.size_report import SizeReport
from napari_hypseg.io.writing import write_labels_job, write_volume_job
from napari_hypseg.jobs import Job, Notice, Progress
from napari_hypseg.particles.particle_files import write_particles
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.pipeline import LATENT_VIEWS, SliceView, ViewRequest
from napari_hypseg.pipeline.measure_choice import MeasureChoice, MeasureReport, measure_choice_job
from napari_hypseg.pipeline.measured import structure_masks
from napari_hypseg.pipeline.preview_particles import ParticleChoice
from napari_hypseg.pipeline.surfaces import SurfaceHead, surface_file_job, surfaces_job
from napari_hypseg.project.access import WINDOW
from napari_hypseg.project.copying import copy_project
from napari_hypseg.project.label_choice import LabelChoice
from napari_hypseg.project.project import Project
from napari_hypseg.project.records import SpecimenRecord
from napari_hypseg.project.sources import open_specimen
from napari_hypseg.structures.mesh_files import write_meshes_job
from napari_hypseg.structures.surface_mesh import SurfaceSettings

if TYPE_CHECKING:
    from napari_hypseg.pipeline.classify_particles import ClassifiedParticles

logger = logging.getLogger(__name__)


def run(control: Control, project: str, fresh: bool) -> Job[str]:
    """Make first regions where there are none, learn, from nothing or on from what was learned last, make regions."""
    from napari_hypseg import pipeline

    yield Progress("start", 0)
    opened = Project.open_for_job(Path(project))
    if not (opened.segmentation or opened.has_checkpoint or opened.replaces_another):
        yield pipeline.FirstRegions((yield from _without_notices(pipeline.first_regions(opened))))
    return (yield from pipeline.run(opened, _view(control), fresh))


def first_regions(control: Control, project: str) -> Job[str]:
    """Make first regions, without learning."""
    from napari_hypseg import pipeline

    yield Progress("start", 0)
    return (yield from pipeline.first_regions(Project.open_for_job(Path(project))))


def segment(control: Control, project: str) -> Job[str]:
    """Make regions from what was learned last."""
    from napari_hypseg import pipeline

    yield Progress("start", 0)
    return (yield from pipeline.segment(Project.open_for_job(Path(project))))


def export(
    control: Control, project: str, what: LabelChoice, specimen: int, path: str, format_name: str,
    inputs: Sequence[str] = (),
) -> Job[str]:  # fmt: skip
    """Write labels, but over none of `inputs`."""
    yield Progress("export", 0)
    image = what.image(Project.open(Path(project)), specimen)
    return str((yield from write_labels_job(Path(path), image, format_name, map(Path, inputs))))


def save_as(control: Control, project: str, target: str, overwrite: bool) -> Job[str]:
    """Copy a project to another folder; gives its path."""
    return str((yield from copy_project(Path(project), Path(target), overwrite)))


def classify(
    control: Control, project: str, choice: ParticleChoice, edge: int, settings: Mapping[str, Any]
) -> "Job[ClassifiedParticles]":
    """Sort the particles of a choice into classes."""
    from napari_hypseg.pipeline.classify_particles import ClassifySettings, classify_particles_job

    yield Progress("start", 0)
    checked = ClassifySettings.check(dict(settings))
    return (yield from classify_particles_job(Project.open(Path(project)), choice, edge, checked))


def apply(control: Control, project: str, volumes: Sequence[str], out: str) -> Job[tuple[str, ...]]:
    """Carry what was learned and named to other volumes; gives a sentence about each that could not be used."""
    from napari_hypseg.pipeline.applicable import check_named
    from napari_hypseg.pipeline.apply_many import apply_with_table

    yield Progress("start", 0)
    source = Project.open(Path(project))
    check_named(source)
    return (yield from apply_with_table(source, volumes, Path(out)))


def send_back(
    control: Control, project: str, names: Sequence[str], others: bool
) -> Job[tuple[str, tuple[str, ...]]]:  # fmt: skip
    """Send corrections to the common project, which `others` in the folder follow; gives what was done, and notes."""
    from napari_hypseg.pipeline.send_back import origin_of_applied
    from napari_hypseg.pipeline.send_back import send_back as send
    from napari_hypseg.pipeline.update_applied import update_beside

    yield Progress("start", 0)
    applied = Project.open_for_job(Path(project))
    source = origin_of_applied(applied).open(applied, what=WINDOW)
    try:
        sent = send(applied, source, names)
        notes = [f"Not sent: {left_out}." for left_out in sent.left_out]
        if others:
            notes += yield from update_beside(source, applied.path, WINDOW)
    finally:
        source.close()
    return f"Sent to {source.path.name}: {'; '.join(map(str, sent.structures))}.", tuple(notes)


def draw(control: Control, project: str, name: str, wish: ViewRequest) -> Job[None]:
    """Compute the latent view `name` and store it in the project."""
    yield Progress("start", 0)
    yield from LATENT_VIEWS[name].draw(Project.open(Path(project)), wish)


def measure(
    control: Control, project: str, what: MeasureChoice, settings: dict[str, Any], pieces_file: str
) -> Job[MeasureReport]:
    """Measure structures, regions or pieces; the ids of pieces go to `pieces_file`."""
    yield Progress("start", 0)
    return (yield from measure_choice_job(Project.open(Path(project)), what, settings, Path(pieces_file)))


def preview_pieces(control: Control, project: str) -> Job[None]:
    """Split structures into pieces, one `PiecesRequest` after the other, until cancelled."""
    from napari_hypseg.pipeline import preview_pieces as pieces

    yield Progress("instances", 0)
    yield from pieces.preview_pieces(Path(project), lambda: control.view)


def preview_particles(control: Control, project: str) -> Job[None]:
    """Find particles, one `ParticlesRequest` after the other, until cancelled."""
    from napari_hypseg.pipeline import preview_particles as particles

    yield Progress("pick", 0)
    yield from particles.preview_particles(Path(project), lambda: control.view)


def export_particles(
    control: Control, project: str, particles: ParticleSet, path: str, format_name: str, inputs: Sequence[str] = ()
) -> Job[str]:
    """Write particles for another program, but over none of `inputs`."""
    yield Progress("export", 0)
    kept = (*Project.open(Path(project)).inputs, *map(Path, inputs))
    write_particles(Path(path), particles, format_name=format_name, inputs=kept)
    return path


def surfaces(
    control: Control, project: str, names: Sequence[str], specimen: int, settings: dict[str, Any], path: str
) -> Job[tuple[SurfaceHead, ...]]:
    """Make surfaces of structures, whose triangles go to the temporary file `path`."""
    yield Progress("surface", 0)
    wanted = SurfaceSettings.check(settings)
    return (yield from surface_file_job(Project.open(Path(project)), names, specimen, wanted, Path(path)))


def export_surfaces(
    control: Control, project: str, names: Sequence[str], specimen: int, settings: dict[str, Any], path: str,
    inputs: Sequence[str] = (),
) -> Job[str]:  # fmt: skip
    """Write the surfaces of structures into one file, but over none of `inputs`."""
    yield Progress("surface", 0)
    opened = Project.open(Path(project))
    masks = structure_masks(opened, names, specimen)
    meshes = yield from surfaces_job(opened, masks, specimen, SurfaceSettings.check(settings))
    return str((yield from write_meshes_job(Path(path), meshes, (*opened.inputs, *map(Path, inputs)))))


def locate(control: Control, folder: str, records: Sequence[SpecimenRecord], settings: dict[str, Any]) -> Job[int]:
    """Find the sample in the specimens of `records`; yields a `Proposal` for each and clears `folder` away."""
    from napari_hypseg.pipeline.locate import locate as find
    from napari_hypseg.pipeline.locate_settings import LocateSettings

    try:
        yield Progress("start", 0)
        volumes = [open_specimen(Path(folder), record).volume for record in records]
        proposals = yield from find(volumes, LocateSettings.check(settings))
        yield from proposals
        return len(proposals)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def crop(
    control: Control, folder: str, records: Sequence[SpecimenRecord], path: str, format_name: str,
    inputs: Sequence[str] = (),
) -> Job[tuple[tuple[str, ...], str]]:  # fmt: skip
    """Write the part of the first of `records` inside its box, but over none of `inputs`; gives files and savings."""
    try:
        yield Progress("start", 0)
        specimen = open_specimen(Path(folder), records[0])
        target, kept = Path(path), map(Path, inputs)
        written = yield from write_volume_job(target, specimen.volume, specimen.region, format_name, kept)
        return tuple(map(str, written)), str(SizeReport.of(specimen.volume, specimen.region, written))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def describe_device(control: Control) -> Job[str]:
    """What ``auto`` computes on here, in words; importing torch to find out takes seconds."""
    yield Progress("start", 0)
    import torch

    from napari_hypseg.training.device import resolve_device

    device = resolve_device("auto")
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return {"mps": "Apple graphics"}.get(device.type, f"processor, {torch.get_num_threads()} cores")


def time_regions(control: Control, settings: dict[str, Any]) -> Job[Any]:
    """How fast this machine makes regions: a `Speed`."""
    from napari_hypseg.pipeline.speed import measure_speed
    from napari_hypseg.project.run_settings import RunSettings

    yield Progress("start", 0)
    return (yield from measure_speed(RunSettings.check(settings)))


def _without_notices(job: Job[str]) -> Job[str]:
    """A job without its notices: learning, which follows, tells them too."""
    while True:
        try:
            event = next(job)
        except StopIteration as finished:
            made: str = finished.value
            return made
        if not isinstance(event, Notice):
            yield event


def _view(control: Control) -> Callable[[], SliceView | None]:
    """The slice in view as the window last told it."""
    return lambda: SliceView(*control.view) if control.view else None
