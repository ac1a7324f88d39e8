"""Where the particles of a command come from: a structure of a project, or a file of picks."""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.flags import given
from napari_hypseg.cli.parsing.objects import chosen_objects, named_object
from napari_hypseg.cli.parsing.segmented_project import open_segmented
from napari_hypseg.errors import SettingError
from napari_hypseg.io.opening import open_channels
from napari_hypseg.io.overwrite_protection import is_project_folder
from napari_hypseg.particles.box_settings import BoxSettings
from napari_hypseg.particles.boxes import ParticleBoxes
from napari_hypseg.particles.classes.box_poses import read_box_poses
from napari_hypseg.particles.classes.refined_particles import refined_particles
from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.pick_settings import PickSettings
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.pipeline.measured import NamedMask
from napari_hypseg.pipeline.particles import (
    CountedParticles,
    ParentChoice,
    count_particles_job,
    find_particles_job,
    junk_of,
    read_particles_job,
)
from napari_hypseg.project.project import Project
from napari_hypseg.project.sources import open_specimen
from napari_hypseg.structures.instances import InstanceSettings
from napari_hypseg.volumes import LazyArray

PICK, PIECES, FILE, BOXES = "pick", "pieces", "file", "boxes"
ALLOWED_WITH_PICKS = ("parent",)


@dataclass(frozen=True, eq=False)
class ParticleSource:
    """An opened project, or a tomogram alone.

    Parameters
    ----------
    grid
        The tomogram.
    inputs
        Files that are read, and must not be written over.
    project
        None for a tomogram alone.
    volume
        Grey values of a tomogram alone.
    notes
        Of a tomogram alone, such as a voxel size that is not known.
    """

    grid: TomogramGrid
    inputs: tuple[Path, ...]
    project: Project | None = None
    volume: LazyArray | None = None
    notes: tuple[str, ...] = ()

    def channel(self, specimen: int) -> LazyArray:
        """Grey values of the first channel.

        Raises
        ------
        ProjectError
            If the file of the specimen is missing.
        """
        if self.project is None:
            assert self.volume is not None
            return self.volume
        return open_specimen(self.project.path, self.project.specimen_record(specimen)).volume.channels[0]


def open_source(arguments: argparse.Namespace, display: Display) -> ParticleSource:
    """Open the project or the volume that the command names.

    Raises
    ------
    HypsegError
        If it cannot be opened, or a volume alone is asked for structures.
    """
    path: Path = arguments.source
    if path.suffix.lower() == ".hypseg" or is_project_folder(path):
        project, _ = open_segmented(path, arguments.specimen, display, arguments.tree)
        return ParticleSource(
            TomogramGrid.of(project.specimen_record(arguments.specimen)), tuple(project.inputs), project
        )
    volume = open_channels(str(path))
    if arguments.picks is None:
        raise SettingError(
            f"{path} is a volume without structures; name a project, or a file of picks.", setting="picks"
        )
    return ParticleSource(TomogramGrid.of(volume), volume.sources, None, volume.channels[0], volume.notes)


def counted_particles(arguments: argparse.Namespace, source: ParticleSource, display: Display) -> CountedParticles:
    """Find or read the particles, and count them.

    Raises
    ------
    HypsegError
        If what was asked for is not as it should be.
    """
    parent = _parent(arguments, source)
    counted = _found_or_read(arguments, source, parent, display)
    if arguments.poses is None:
        return counted
    settings, poses = BoxSettings.check(given(arguments, BOXES)), read_box_poses(arguments.poses)
    refined = refined_particles(ParticleBoxes(counted.particles, source.channel(arguments.specimen), settings), poses)
    again = drive_interruptible(count_particles_job(refined, parent), display.show)
    note = (
        f"{len(refined)} of the {len(counted.particles)} particles are moved and turned as {arguments.poses.name} says"
    )
    return replace(again, notes=(*counted.notes, f"{note}; the others are in no class, or have no box, and left out."))


def _found_or_read(
    arguments: argparse.Namespace, source: ParticleSource, parent: ParentChoice | None, display: Display
) -> CountedParticles:
    if arguments.picks is not None:
        _refuse_with_picks(arguments)
        job = read_particles_job(arguments.picks, source.grid, FileSettings.check(given(arguments, FILE)), parent)
        counted = drive_interruptible(job, display.show)
        return replace(counted, notes=(*source.notes, *counted.notes))
    settings = PickSettings.check(given(arguments, PICK))
    pieces = InstanceSettings.check(given(arguments, PIECES))
    one = _one_object(arguments, source)
    assert source.project is not None
    junk = junk_of(source.project, one, arguments.specimen)
    job = find_particles_job(one, source.grid, settings, pieces, parent, junk)
    return drive_interruptible(job, display.show)


def _one_object(arguments: argparse.Namespace, source: ParticleSource) -> NamedMask:
    assert source.project is not None
    objects = chosen_objects(arguments, source.project)
    if len(objects) != 1:
        names = ", ".join(one.name for one in objects[:8])
        raise SettingError(f"Particles are those of one structure or region, but here are {names}; choose one.")
    return objects[0]


def _parent(arguments: argparse.Namespace, source: ParticleSource) -> ParentChoice | None:
    split, fill = arguments.split_parents, arguments.fill_parents
    if arguments.parent is None:
        if arguments.counts is not None or arguments.reach is not None or split or fill:
            raise SettingError("Say what the particles are counted on.", setting="parent")
        return None
    if source.project is None:
        raise SettingError("A volume alone has no structures to count on; name a project, or leave --parent out.")
    one = named_object(arguments, source.project, arguments.parent)
    return ParentChoice(one, InstanceSettings(split_touching=split, fill_hollow=fill), arguments.reach)


def _refuse_with_picks(arguments: argparse.Namespace) -> None:
    """Refuse flags about finding particles where they are read from a file."""
    named = [*given(arguments, PICK), *given(arguments, PIECES)]
    named += [flag for flag in ("structure", "cut", "level", "region") if getattr(arguments, flag)]
    if named:
        flag = "from" if named[0] == "source" else named[0].replace("_", "-")
        raise SettingError(
            f"--{flag} is about finding particles; with --picks they are read from a file: leave it out."
        )
