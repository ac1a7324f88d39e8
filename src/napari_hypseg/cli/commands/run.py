"""`hypseg run`: from files to a project with a trained model, leaves and a tree of regions."""

import argparse
import shlex
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from napari_hypseg.cli.commands.run_report import run_record, run_summary
from napari_hypseg.cli.commands.run_time import tell_time
from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.formatting import counted
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.display.run_log import RunLog
from napari_hypseg.cli.interrupts import StoppedError, drive_interruptible
from napari_hypseg.cli.parsing.batch_table import covariates_of
from napari_hypseg.cli.parsing.flags import add_settings, given
from napari_hypseg.cli.parsing.method_flags import add_method, named
from napari_hypseg.cli.parsing.parser import Parser, add_json
from napari_hypseg.cli.parsing.specimens import add_bin, add_voxel_size, notes_of, open_specimens, voxel_sizes
from napari_hypseg.errors import SettingError
from napari_hypseg.io.registry import readable_suffixes
from napari_hypseg.io.specimen_names import unique_names
from napari_hypseg.jobs.stage import Stage
from napari_hypseg.methods.registry import get_method
from napari_hypseg.pipeline.speed_cache import SpeedCache
from napari_hypseg.project.empty_project import discard_if_empty
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.supervoxels.memory_budget import MemoryBudget
from napari_hypseg.supervoxels.settings import LeafSettings
from napari_hypseg.training.settings import TrainingSettings

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from napari_hypseg.project.project import Project

PROGRAM = "hypseg run"
BUDGET = {"minutes", "steps"}
BATCHES = "batch_covariates"
"""Setting of a method that may be a table."""

DESCRIPTION = """\
Learn from one or several volumes without labels, take them apart into small regions (leaves) and put these together
in a tree, from which every granularity can be had. Everything is kept in the project folder as it is made.

Ctrl-C while it learns keeps the model; --resume segments with it. With --no-learning first regions are made from
filters alone within seconds, of a large volume in larger cells; --resume learns later and carries structures over."""
EPILOG = """\
examples:
  hypseg run tomogram.mrc --out cell.hypseg --minutes 2
  hypseg run tomogram.mrc --out cell.hypseg --box 0:100,50:400,50:400
  hypseg run tomogram.mrc --out cell.hypseg --box box.json                       (made by hypseg locate)
  hypseg run a.mrc b.mrc --mask a_mask.mrc --mask b_mask.mrc --out both.hypseg   (two specimens, one tree)
  hypseg run sections.tif --voxel-size 50,4.6,4.6nm --out cell.hypseg             (where the file does not say)
  hypseg run a.mrc b.mrc --batch-covariates specimen --out both.hypseg           (imaged differently)
  hypseg run large.mrc --out cell.hypseg --bin 2                                 (half resolution, much sooner)
  hypseg run tomogram.mrc --out cell.hypseg --no-learning                        (first regions, within seconds)
  hypseg run t1.nii.gz+t2.nii.gz --out brain.hypseg                              (two channels of one specimen)
  hypseg run t1.nii.gz --prior brain.hypprior --out brain.hypseg                 (made by hypseg prior learn)
"""


class Means(TypedDict):
    """What segmenting may use."""

    memory: MemoryBudget | None
    executor: "Executor | None"


def configure(parser: Parser, words: Sequence[str]) -> None:
    """Describe the command; the settings come from their classes and the methods that are installed."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    _add_files(parser)
    usual = get_method(named(words)).training
    limits = parser.add_argument_group("how long and how fine")
    limits.add_argument(
        "--no-learning", action="store_true", help="make regions from filters alone, at once; learn with --resume later"
    )
    add_settings(limits, "training", TrainingSettings, advanced=False, defaults=usual)
    add_settings(limits, "leaves", LeafSettings, advanced=False)
    add_method(parser, words)
    expert = parser.add_argument_group("seldom needed")
    add_settings(expert, "training", TrainingSettings, advanced=True, defaults=usual)
    add_settings(expert, "leaves", LeafSettings, advanced=True)
    expert.add_argument(
        "--memory",
        metavar="SIZE",
        help="memory that segmenting may take beside its libraries, such as 2GB [default a quarter of what is free]",
    )
    expert.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="let the workers of the dask scheduler at this address, such as tcp://node7:8786, compute the blocks",
    )
    add_json(parser)


def _add_files(parser: Parser) -> None:
    parser.add_argument(
        "specimens", nargs="*", metavar="SPECIMEN", help="a volume, or several joined by + as channels on one grid"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="NAME.hypseg", help="the project folder to make")
    parser.add_argument(
        "--mask",
        action="append",
        default=[],
        metavar="FILE",
        help="look only where this volume is above 0; once for all specimens or once for each",
    )
    parser.add_argument(
        "--box",
        action="append",
        default=[],
        metavar="BOX",
        help="look only inside z0:z1,y0:y1,x0:x1 (voxels), a box file, or a folder of them as hypseg locate makes it; "
        "once or for each",
    )
    add_voxel_size(parser)
    add_bin(parser)
    existing = parser.add_mutually_exclusive_group()
    existing.add_argument("--overwrite", action="store_true", help="replace a project that is there")
    existing.add_argument(
        "--resume",
        action="store_true",
        help="go on with the model of a project that is there: learn --minutes or --steps more if given, then segment",
    )


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Learn and segment.

    Raises
    ------
    HypsegError
        If a file or a setting cannot be used.
    StoppedError
        If the person stopped it.
    """
    log, memory = RunLog(), None if arguments.memory is None else MemoryBudget.parse(arguments.memory)
    _check_no_learning(arguments)
    with (
        _executor(arguments.scheduler) as executor,
        closing(_reopen(arguments) if arguments.resume else _create(arguments)) as project,
    ):
        try:
            record = _carry_out(project, arguments, {"memory": memory, "executor": executor}, log, display)
        except StoppedError:
            raise
        except Exception:
            if not arguments.resume:
                discard_if_empty(project)
            raise
    return Outcome(record, run_summary(record))


def _executor(scheduler: str | None) -> "AbstractContextManager[Executor | None]":
    if scheduler is None:
        return nullcontext()
    from napari_hypseg.pipeline.dask_cluster import dask_executor

    return dask_executor(scheduler)


def _carry_out(
    project: "Project", arguments: argparse.Namespace, means: Means, log: RunLog, display: Display
) -> dict[str, Any]:
    notes = [*project.notes, *notes_of(project.specimens)]
    for note in notes:
        display.note(note)
    learning = not arguments.no_learning and (_has_budget(arguments) or not project.has_checkpoint)
    earlier = int(project.training.get("step", 0)) if project.has_checkpoint else 0
    what = "first" if arguments.no_learning else "run" if learning else "segment"
    _work(project, log, display, what, means)
    SpeedCache().learn_from(project)
    project.forget_unused()
    return {**run_record(project, log, notes), "earlier_steps": earlier if learning else 0}


def _has_budget(arguments: argparse.Namespace) -> bool:
    return bool(given(arguments, "training").keys() & BUDGET)


def _check_no_learning(arguments: argparse.Namespace) -> None:
    if arguments.no_learning and _has_budget(arguments):
        raise SettingError("With --no-learning nothing is learned; leave --minutes and --steps out.")


def _create(arguments: argparse.Namespace) -> "Project":
    from napari_hypseg.project.project import Project

    if not arguments.specimens:
        raise SettingError("Name at least one specimen, such as: hypseg run tomogram.mrc --out tomogram.hypseg")
    _check_folder(arguments.out)
    settings = _settings(arguments)
    specimens = open_specimens(arguments.specimens, arguments.mask, arguments.box, arguments.voxel_size, arguments.bin)
    _check_device(settings)
    return Project.create(arguments.out, specimens, settings, overwrite=arguments.overwrite, what=PROGRAM)


def _check_folder(out: Path) -> None:
    """Refuse a name that says it is a volume: a project is a folder."""
    suffix = max((end for end in readable_suffixes() if out.name.lower().endswith(end)), key=len, default=None)
    if suffix is not None:
        name = f"{out.name[: -len(suffix)] or 'project'}.hypseg"
        raise SettingError(
            f"--out names the project, a folder, not a volume such as {out.name}; call it {out.with_name(name)}, and "
            "write its regions to a file with hypseg export."
        )


def _check_device(settings: RunSettings) -> None:
    """Find out that a device is not there before a folder is made."""
    from napari_hypseg.training.device import resolve_device

    resolve_device(settings.training.device)


def _reopen(arguments: argparse.Namespace) -> "Project":
    """The project that is there, with the settings of learning and leaves that were given now."""
    from napari_hypseg.project.project import Project

    if arguments.specimens:
        raise SettingError("With --resume the specimens are those of the project; leave them out.")
    if arguments.bin:
        raise SettingError("With --resume the resolution is that of the project; leave --bin out.")
    project = Project.open(arguments.out, write=True, what=PROGRAM, resume=True)
    project.access.require()
    training, leaves = _limits(arguments)
    before = project.settings.model_dump()
    limits = {"training": {**before["training"], **training}, "leaves": {**before["leaves"], **leaves}}
    settings = RunSettings.check({**before, **limits})
    if settings != project.settings:
        project.configure(settings)
    for number, size in enumerate(voxel_sizes(arguments.voxel_size, len(project.records))):
        if size is not None:
            edges, unit = size
            z, y, x = (edge * n for edge, n in zip(edges, project.records[number].binning, strict=True))
            project.correct_voxel_size(number, (z, y, x), unit)
    return project


def _settings(arguments: argparse.Namespace) -> RunSettings:
    """Settings from the flags that were given."""
    training, leaves = _limits(arguments)
    method, named_model = get_method(arguments.method), given(arguments, arguments.method)
    if BATCHES in named_model:
        names = unique_names(arguments.specimens, [None] * len(arguments.specimens))
        named_model[BATCHES] = covariates_of(str(named_model[BATCHES]), names)
    model = method.settings.check(named_model)
    method.settle(model, len(arguments.specimens))
    return RunSettings(
        method=arguments.method,
        model=model.model_dump(mode="json", exclude_unset=True),
        training=TrainingSettings.check(training),
        leaves=LeafSettings.check(leaves),
    )


def _limits(arguments: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings of learning and of the leaves that were given.

    Raises
    ------
    SettingError
        If time and steps are both given.
    """
    training = given(arguments, "training")
    if training.keys() >= BUDGET:
        raise SettingError("Give --minutes or --steps, not both.")
    if "minutes" in training:
        training["steps"] = None
    return training, given(arguments, "leaves")


def _work(project: "Project", log: RunLog, display: Display, what: str, means: Means) -> None:
    """Make first regions, learn and segment, or segment; a stop is kept and ends the command."""
    from napari_hypseg import pipeline
    from napari_hypseg.pipeline.name_regions import name_regions, show_pieces
    from napari_hypseg.pipeline.replay import carry_over

    def show(event: Any) -> None:
        if log.record(event):
            display.show(event)

    jobs = {
        "first": lambda: pipeline.first_regions(project),
        "run": lambda: pipeline.run(project, fresh=False, **means),
        "segment": lambda: pipeline.segment(project, **means),
    }
    try:
        if what != "first":
            tell_time(project, display, what == "run")
        drive_interruptible(jobs[what](), show, finishing=Stage.LEARN)
        project.reload()
        if made := name_regions(project):
            show_pieces(project, made)
            display.note(f"{counted(made, 'structure')} of the prior are named.")
        replayed = drive_interruptible(carry_over(project), show)
        if replayed.done:
            display.note(f"Regions are made anew; {replayed.summary}.")
    except KeyboardInterrupt as error:
        raise StoppedError(_stopped(project, what)) from error


def _stopped(project: "Project", what: str) -> str:
    """What is kept and how to go on."""
    again = f"hypseg run --resume --out {shlex.quote(str(project.path))}"
    if not project.has_checkpoint and project.replaces_another:
        return (
            f"Stopped before anything was learned; the project that was to be replaced, {project.path}, is as it was."
        )
    if what == "first":
        return f"Stopped before there were first regions; begin again with: {again} --no-learning"
    if not project.has_checkpoint:
        return f"Stopped before anything was learned; begin again with: {again}"
    kept = f"what was learned so far is kept in {project.path}"
    kept += ", and so is the project that is replaced" if project.replaces_another else ""
    return f"Stopped; {kept}, segment with it by: {again}"
