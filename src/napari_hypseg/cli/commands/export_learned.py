"""Latent views as files, for `hypseg export --what denoised` and its like."""

import argparse
from pathlib import Path

import numpy as np

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.output_paths import require_free
from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.io.destination import volume_destinations
from napari_hypseg.io.writing import write_volume_job
from napari_hypseg.pipeline.latent_views import LATENT_VIEWS, LatentView, ViewRequest
from napari_hypseg.project.project import Project
from napari_hypseg.project.records import Level
from napari_hypseg.volumes import Volume


def export_learned(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Compute a latent view, unless the project has it stored, and write it.

    Raises
    ------
    HypsegError
        If the project, what was asked for or the path is not as it should be.
    """
    picture = LATENT_VIEWS[arguments.what]
    _refuse_idle(picture, arguments)
    project = Project.open(arguments.project)
    project.specimen_record(arguments.specimen)
    if arguments.tree is not None:
        project.choose_tree(arguments.tree)
    for sentence in (*project.damage, *project.source_notes()):
        display.note(sentence)
    _targets(arguments, Volume((np.empty((1, 1, 1)),)), project)  # a name that is taken is known before the work
    count = ViewRequest.count if arguments.components is None else arguments.components
    wish = ViewRequest(arguments.specimen, count, _regions(project, picture, arguments))
    volume = drive_interruptible(picture.draw(project, wish), display.show)
    _targets(arguments, volume, project)
    job = write_volume_job(arguments.out, volume, volume.box, arguments.format, project.inputs)
    paths = drive_interruptible(job, display.show)
    return _outcome(picture, arguments, volume, paths)


def _refuse_idle(picture: LatentView, arguments: argparse.Namespace) -> None:
    """Refuse a flag that would change nothing."""
    if not picture.counted and arguments.components is not None:
        raise SettingError(f"--components has no meaning with --what {picture.name}; leave it out.")
    if arguments.structure or arguments.region:
        raise SettingError(f"--structure and --region have no meaning with --what {picture.name}; leave them out.")
    if not picture.regional and (arguments.cut is not None or arguments.level or arguments.tree):
        raise SettingError(f"--cut, --level and --tree have no meaning with --what {picture.name}; leave them out.")


def _regions(project: Project, picture: LatentView, arguments: argparse.Namespace) -> Cut | Level | None:
    if not picture.regional or (arguments.cut is None and not arguments.level):
        return None
    return project.level(arguments.level) if arguments.level else project.cut(arguments.cut)


def _targets(arguments: argparse.Namespace, volume: Volume, project: Project) -> None:
    """Check that `volume` can be written where it is wanted."""
    targets, _ = volume_destinations(arguments.out, volume, arguments.format, project.inputs)
    require_free(targets, arguments.overwrite)


def _outcome(picture: LatentView, arguments: argparse.Namespace, volume: Volume, paths: tuple[Path, ...]) -> Outcome:
    record = {
        "paths": paths,
        "what": picture.name,
        "channels": len(volume.channels),
        "specimen": arguments.specimen,
        "voxel_size": volume.voxel_size,
        "unit": volume.unit,
        "origin": volume.origin,
        "notices": volume.notes,
    }
    holds = "holds" if len(paths) == 1 else "hold"
    told = f"{', '.join(map(str, paths))} {holds} the {picture.title.lower()}."
    return Outcome(record, " ".join((told, *volume.notes)))
