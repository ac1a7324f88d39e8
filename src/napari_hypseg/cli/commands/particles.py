"""`hypseg particles`: from a structure, or from a file of picks, to particles that are counted and handed on."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.flags import add_settings, given
from napari_hypseg.cli.parsing.objects import add_objects
from napari_hypseg.cli.parsing.output_paths import require_free
from napari_hypseg.cli.parsing.parser import add_json
from napari_hypseg.cli.parsing.particle_source import (
    BOXES,
    FILE,
    PICK,
    PIECES,
    ParticleSource,
    counted_particles,
    open_source,
)
from napari_hypseg.cli.parsing.segmented_project import add_specimen
from napari_hypseg.errors import SettingError
from napari_hypseg.io.destination import volume_destinations
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.io.writing import write_volume_job
from napari_hypseg.particles.box_settings import BoxSettings
from napari_hypseg.particles.box_stack import check_stack_path, write_box_stack_job
from napari_hypseg.particles.boxes import ParticleBoxes
from napari_hypseg.particles.count_summary import particle_count_words, particle_summary_words
from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.formats.registry import FORMATS, format_for
from napari_hypseg.particles.particle_files import write_particles
from napari_hypseg.particles.pick_settings import PickSettings, Source
from napari_hypseg.particles.soft_mask import MaskSettings, mask_volume
from napari_hypseg.pipeline.particles import CountedParticles
from napari_hypseg.structures.instances import InstanceSettings

MASK = "mask"
COUNTS_SUFFIX = ".csv"
DESCRIPTION = """\
Make particles of a structure: one for each of its pieces, one wherever it is thickest, or points spread over its
surface with the normal as first orientation. Or read the picks of somebody else, of a project or of a volume alone.
They are counted, on each piece of another structure if wanted, and written for RELION, Dynamo, copick or as a table;
boxes around them go into one MRC stack."""
EPILOG = """\
examples:
  hypseg particles cell.hypseg --structure particle --out particles.star
  hypseg particles cell.hypseg --structure envelope --from surface --spacing 8 --parent virus --counts spikes.csv
  hypseg particles cell.hypseg --structure ribosome --from maxima --min-diameter 20 --out ribosomes.tbl --json
  hypseg particles cell.hypseg --structure ribosome --from maxima --poses classes.csv --box-size 32 --out fine.star
  hypseg particles tomogram.mrc --picks picks.star --boxes boxes.mrc --box-size 48 --box-binning 2 --mask mask.mrc"""


def configure(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Describe the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument(
        "source", type=Path, metavar="NAME.hypseg", help="the project folder; with --picks, or a volume"
    )
    parser.add_argument("--out", type=Path, metavar="PATH", help="file for the particles: .star, .tbl, .json or .csv")
    parser.add_argument(
        "--format", choices=tuple(FORMATS), help="which program it is for, where the ending leaves that open"
        " [default: relion5 for .star, csv for .csv]",
    )  # fmt: skip
    add_objects(parser)
    parser.add_argument("--picks", type=Path, metavar="FILE", help="read particles from this file instead")
    finding = parser.add_argument_group("finding")
    finding.add_argument(
        "--from",
        dest=f"{PICK}.source",
        choices=get_args(Source),
        default=argparse.SUPPRESS,
        help=f"{PickSettings.model_fields['source'].description} [default instances]",
    )
    add_settings(finding, PICK, PickSettings, leave_out=("source",))
    add_settings(parser.add_argument_group("pieces of the structure"), PIECES, InstanceSettings)
    counting = parser.add_argument_group("counting")
    counting.add_argument("--parent", metavar="NAME", help="count particles on each piece of this structure or region")
    counting.add_argument("--split-parents", action="store_true", help="part pieces of the parent that touch")
    counting.add_argument("--fill-parents", action="store_true", help="fill pieces of the parent that are hollow")
    counting.add_argument(
        "--reach", type=float, metavar="X", help="how far outside a piece particles still belong to it, in the unit of "
        "the voxel size [default: three voxels]",
    )  # fmt: skip
    counting.add_argument("--counts", type=Path, metavar="TABLE.csv", help="file for one row a piece of the parent")
    boxes = parser.add_argument_group("boxes")
    boxes.add_argument("--boxes", type=Path, metavar="STACK.mrc", help="cut boxes out into one stack of volumes")
    add_settings(boxes, BOXES, BoxSettings)
    boxes.add_argument(
        "--poses", type=Path, metavar="TABLE.csv", help="move and turn particles as a table of hypseg classify says, "
        "made of these boxes; those of no class are left out",
    )  # fmt: skip
    boxes.add_argument("--mask", type=Path, metavar="MASK.mrc", help="write a mask with a soft edge for such boxes")
    add_settings(boxes, MASK, MaskSettings)
    add_settings(parser.add_argument_group("files"), FILE, FileSettings)
    add_specimen(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Find or read particles, count them, write what was asked for.

    Raises
    ------
    HypsegError
        If the project, what was asked for or a path is not as it should be.
    """
    box_settings, mask_settings = BoxSettings.check(given(arguments, BOXES)), MaskSettings.check(given(arguments, MASK))
    source = open_source(arguments, display)
    _check_paths(arguments, source)
    mask = mask_volume(source.grid, box_settings, mask_settings) if arguments.mask is not None else None
    if mask is not None:
        volume_destinations(arguments.mask, mask, None, source.inputs)
    counted = counted_particles(arguments, source, display)
    if arguments.boxes is not None:
        counted = _write_boxes(arguments, source, counted, box_settings, display)
    for note in counted.notes:
        display.note(note)
    if arguments.out is not None:
        files = FileSettings.check(given(arguments, FILE))
        write_particles(arguments.out, counted.particles, files, arguments.format, source.inputs)
    if arguments.counts is not None and counted.parents is not None:
        counted.parents.write_csv(arguments.counts, source.inputs)
    if mask is not None:
        drive_interruptible(write_volume_job(arguments.mask, mask, mask.box, inputs=source.inputs), display.show)
    return _outcome(arguments, counted)


def _write_boxes(
    arguments: argparse.Namespace,
    source: ParticleSource,
    counted: CountedParticles,
    settings: BoxSettings,
    display: Display,
) -> CountedParticles:
    """Write the stack; gives the particles with the number of the box of each, 0 for none."""
    particles = counted.particles
    boxes = ParticleBoxes(particles, source.channel(arguments.specimen), settings)
    drive_interruptible(write_box_stack_job(arguments.boxes, boxes, source.inputs), display.show)
    numbers = np.zeros(len(particles), dtype=np.int64)
    numbers[boxes.rows] = np.arange(1, len(boxes) + 1)
    numbered = replace(particles.with_scalars(box=numbers), box_size=settings.extent)
    notes = () if (note := boxes.border_note()) is None else (note,)
    return replace(counted, particles=numbered, notes=(*counted.notes, *notes))


def _check_paths(arguments: argparse.Namespace, source: ParticleSource) -> None:
    """Refuse paths that will not do before the work begins."""
    if arguments.out is not None:
        format_for(arguments.out, arguments.format)
    elif arguments.format is not None:
        raise SettingError("--format is about the file of the particles; name one with --out.")
    if arguments.counts is not None and arguments.counts.suffix.lower() != COUNTS_SUFFIX:
        raise SettingError(f"The table cannot be written as {arguments.counts.name}; let the name end in .csv.")
    if arguments.boxes is not None:
        check_stack_path(arguments.boxes)
    paths = [path for path in (arguments.out, arguments.counts, arguments.boxes, arguments.mask) if path is not None]
    read = [path for path in (arguments.picks, arguments.poses) if path is not None]
    check_no_overwrite(paths, [*source.inputs, *read])
    require_free(paths, arguments.overwrite)


def _outcome(arguments: argparse.Namespace, counted: CountedParticles) -> Outcome:
    particles, count = counted.particles, counted.count
    record: dict[str, Any] = {
        "count": count.count,
        "name": particles.name,
        "tomogram": particles.grid.name,
        "specimen": arguments.specimen,
        "unit": particles.grid.unit,
        "nearest": count.nearest,
        "density_per_um3": count.density,
        "on_no_parent": count.free,
        "notes": counted.notes,
        "paths": {name: getattr(arguments, name) for name in ("out", "counts", "boxes", "mask")},
        "positions_voxel": particles.positions,
        "positions_world": particles.world,
        "axes": None if particles.orientations is None else particles.axes,
        "scalars": particles.scalars,
        "parents": None if counted.parents is None else counted.parents.records(),
    }
    words = particle_summary_words(count, particles.grid.unit, counted.parents, arguments.parent or "")
    said = [", ".join((particle_count_words(count, particles.name), *words)) + "."]
    told = {"out": "the particles", "counts": "the counts", "boxes": "the boxes", "mask": "the mask"}
    said += [f"{getattr(arguments, name)} holds {what}." for name, what in told.items() if getattr(arguments, name)]
    return Outcome(record, "\n".join(said))
