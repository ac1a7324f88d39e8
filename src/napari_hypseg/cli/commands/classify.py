"""`hypseg classify`: sort particles by what they are, apart from how they lie."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.formatting import counted
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.flags import add_settings, given
from napari_hypseg.cli.parsing.output_paths import require_free
from napari_hypseg.cli.parsing.parser import add_json
from napari_hypseg.errors import SettingError
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.jobs import Job
from napari_hypseg.methods.spatial_vae import PRESETS, SpatialVAESettings
from napari_hypseg.particles.classes.align_boxes import align_boxes_job
from napari_hypseg.particles.classes.alignment.settings import AlignmentSettings
from napari_hypseg.particles.classes.classify import Classified, classify_job
from napari_hypseg.particles.classes.projections import BoxProjections
from napari_hypseg.particles.classes.standardised_images import StandardisedImages
from napari_hypseg.particles.image_stack import ImageStack, open_image_stack, write_image_stack
from napari_hypseg.training.settings import TrainingSettings
from napari_hypseg.volumes import LazyArray

if TYPE_CHECKING:
    from napari_hypseg.particles.classes.averaging import ClassAverages

MODEL, TRAINING, ALIGNMENT = "model", "training", "alignment"
LEARNED, ALIGNED = "spatial-vae", "alignment"
DEFAULT_PRESET = "default"
SUFFIXES = {"out": (".csv",), "averages": (".mrc", ".mrcs"), "movie": (".mrc", ".mrcs"), "keep": (".safetensors",)}
DESCRIPTION = """\
Sort particles into classes by what they are, apart from how they are turned and shifted, and average each class after
alignment. The method spatial-vae learns from images, or from boxes, which are projected along z first, or turned in
space with --rotations axis or space. The method alignment turns boxes in space onto one another and knows of a missing
wedge; nothing is learned."""
EPILOG = """\
examples:
  hypseg particles cell.hypseg --structure spike --boxes boxes.mrc --box-size 32
  hypseg classify boxes.mrc --classes 6 --out classes.csv --averages averages.mrc
  hypseg classify images.mrcs --preset spatial-vae --minutes 60 --out classes.csv --movie movie.mrc
  hypseg classify boxes.mrc --rotations space --minutes 20 --averages averages.mrc
  hypseg classify boxes.mrc --method alignment --classes 3 --tilt-range 60 --out classes.csv --averages averages.mrc"""


def configure(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Describe the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("stack", type=Path, metavar="STACK.mrc", help="a stack of images or of boxes")
    parser.add_argument("--method", choices=tuple(METHODS), default=LEARNED, help=f"how to sort [default {LEARNED}]")
    parser.add_argument("--classes", type=int, default=8, metavar="N", help="number of classes [default 8]")
    parser.add_argument("--out", type=Path, metavar="TABLE.csv", help="file for one row a particle")
    parser.add_argument("--averages", type=Path, metavar="STACK.mrc", help="file for the averages of the classes")
    parser.add_argument(
        "--movie", type=Path, metavar="STACK.mrc", help="file for what is generated along the main direction of content"
    )
    parser.add_argument("--keep", type=Path, metavar="MODEL.safetensors", help="file for what was learned")
    parser.add_argument("--slab", type=int, metavar="N", help="project this many sections of a box [default all]")
    parser.add_argument("--preset", choices=tuple(PRESETS), default=DEFAULT_PRESET, help="settings to start from")
    add_settings(parser.add_argument_group(f"--method {LEARNED}"), MODEL, SpatialVAESettings, leave_out=("likelihood",))
    add_settings(parser.add_argument_group("learning"), TRAINING, TrainingSettings, leave_out=("crop",))
    aligning = parser.add_argument_group(f"--method {ALIGNED}")
    add_settings(aligning, ALIGNMENT, AlignmentSettings, leave_out=("seed",))
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Learn, sort and write what was asked for.

    Raises
    ------
    HypsegError
        If the stack, a setting or a path is not as it should be.
    """
    method = METHODS[arguments.method]
    _check_method(arguments, method)
    paths = _checked_paths(arguments)
    stack = open_image_stack(arguments.stack)
    found = drive_interruptible(method.job(arguments, stack, paths), display.show)
    _write(found, paths, stack)
    return _outcome(found, arguments.classes, paths)


@dataclass(frozen=True)
class ClassifyMethod:
    """A way to sort a stack.

    Parameters
    ----------
    job
        From what was typed, the stack and the paths to write to the job.
    foreign
        Flags that are about other methods, and what they are about.
    settings
        Settings of others and of its own, as `given` finds them, that it does not take.
    """

    job: Callable[[argparse.Namespace, ImageStack, Mapping[str, Path]], Job[Classified]]
    foreign: Mapping[str, Any]
    settings: Callable[[argparse.Namespace], Iterable[str]]


def _check_method(arguments: argparse.Namespace, method: ClassifyMethod) -> None:
    """Refuse what was typed about another method than is to be used."""
    flags = [name for name, default in method.foreign.items() if getattr(arguments, name) != default]
    if words := [*flags, *method.settings(arguments)]:
        raise SettingError(f"--{words[0].replace('_', '-')} is not about --method {arguments.method}; leave it out.")


def _learn_job(arguments: argparse.Namespace, stack: ImageStack, paths: Mapping[str, Path]) -> Job[Classified]:
    model, training = PRESETS[arguments.preset]
    settings = SpatialVAESettings.check({**model, **given(arguments, MODEL)})
    limits = TrainingSettings.check({**training, **given(arguments, TRAINING)})
    images = StandardisedImages(_images(stack, settings, arguments.slab))
    return (yield from classify_job(images, arguments.classes, settings, limits, paths.get("keep")))


def _align_job(arguments: argparse.Namespace, stack: ImageStack, paths: Mapping[str, Path]) -> Job[Classified]:
    settings = AlignmentSettings.check({**given(arguments, ALIGNMENT), **given(arguments, TRAINING)})
    return (yield from align_boxes_job(stack.images, arguments.classes, settings))


METHODS: Mapping[str, ClassifyMethod] = MappingProxyType(
    {
        LEARNED: ClassifyMethod(_learn_job, {}, lambda arguments: given(arguments, ALIGNMENT)),
        ALIGNED: ClassifyMethod(
            _align_job,
            {"movie": None, "keep": None, "slab": None, "preset": DEFAULT_PRESET},
            lambda arguments: [*given(arguments, MODEL), *(given(arguments, TRAINING).keys() - {"seed"})],
        ),
    }
)
"""Ways to sort, by the word of ``--method``."""


def _images(stack: ImageStack, settings: SpatialVAESettings, slab: int | None) -> LazyArray:
    """Images as they are, boxes projected where they are turned in the plane."""
    is_boxes = stack.images.ndim == 4
    if is_boxes and settings.rotations == "plane":
        return BoxProjections(stack.images, slab=slab)
    if slab is not None:
        raise SettingError("--slab is about boxes that are projected; leave it out.")
    return stack.images


def _checked_paths(arguments: argparse.Namespace) -> dict[str, Path]:
    """What is to be written, by the flag that says so."""
    paths = {name: path for name in SUFFIXES if (path := getattr(arguments, name)) is not None}
    for name, path in paths.items():
        if path.suffix.lower() not in SUFFIXES[name]:
            raise SettingError(f"--{name} cannot be {path.name}; let the name end in {' or '.join(SUFFIXES[name])}.")
    check_no_overwrite(paths.values(), [arguments.stack])
    require_free(paths.values(), arguments.overwrite)
    return paths


def _write(found: Classified, paths: dict[str, Path], stack: ImageStack) -> None:
    from napari_hypseg.particles.classes.class_table import class_columns, write_class_table

    if "out" in paths:
        write_class_table(paths["out"], class_columns(found))
    if "averages" in paths:
        write_image_stack(paths["averages"], found.averages.averages, stack.pixel_size)
    if "movie" in paths and found.movie is not None:
        write_image_stack(paths["movie"], found.movie, stack.pixel_size)


def _outcome(found: Classified, asked: int, paths: dict[str, Path]) -> Outcome:
    averages: ClassAverages = found.averages
    record: dict[str, Any] = {
        "particles": len(found.classes),
        "classes": averages.classes,
        "counts": averages.counts,
        "class": found.classes,
        "doubt": found.poses.doubt,
        "elbo": float(np.mean(found.poses.elbo)),
        "paths": paths,
    }
    each = ", ".join(f"{c}: {n}" for c, n in zip(averages.classes.tolist(), averages.counts.tolist(), strict=True))
    said = [f"{counted(len(found.classes), 'particle')} in {_classes(len(averages.classes), asked)} ({each})."]
    told = {"out": "the table", "averages": "the averages", "movie": "the movie", "keep": "what was learned"}
    said += [f"{paths[name]} holds {what}." for name, what in told.items() if name in paths]
    return Outcome(record, "\n".join(said))


def _classes(number: int, asked: int) -> str:
    """How many classes there are, and that no more were found where more were asked for."""
    words = f"{number} class" if number == 1 else f"{number} classes"
    return words if number == asked else f"only {words} of the {asked} asked for"
