"""`hypseg prior`: what specimens of one kind look like, learned from label files, for `hypseg run --prior`."""

import argparse
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_hypseg.cli.commands.prior_report import prior_record, prior_table
from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.formatting import counted, duration
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.display.run_log import RunLog
from napari_hypseg.cli.interrupts import StoppedError, drive_interruptible
from napari_hypseg.cli.parsing.code_ranges import parse_codes
from napari_hypseg.cli.parsing.flags import add_settings, given
from napari_hypseg.cli.parsing.output_paths import require_free
from napari_hypseg.cli.parsing.parser import Parser, add_json
from napari_hypseg.cli.parsing.specimens import add_voxel_size, voxel_sizes
from napari_hypseg.errors import SettingError
from napari_hypseg.io.label_names import read_label_names
from napari_hypseg.io.opening import open_volume
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.training.prior_settings import PriorSettings
from napari_hypseg.volumes.volume import Volume

if TYPE_CHECKING:
    from napari_hypseg.training.prior_file import AnatomicalPrior

LEARN, SHOW, OWNER = "learn", "show", "prior"
SUFFIX = ".hypprior"
DESCRIPTION = """\
An anatomical prior is what specimens of one kind look like: which structures there are, where they lie and how their
shapes vary. It is learned from label files alone (exports, atlases, anybody's labels) and segments new volumes of the
same kind, without labels of these: hypseg run VOLUME --prior NAME.hypprior"""
EPILOG = """\
examples:
  hypseg prior learn atlas_1.nii.gz atlas_2.nii.gz --out brain.hypprior
  hypseg prior learn *_labels.nii.gz --leave-out 24,500-599 --names FreeSurferColorLUT.txt --out brain.hypprior
  hypseg prior show brain.hypprior
  hypseg run t1.nii.gz --prior brain.hypprior --out t1.hypseg"""


def configure(parser: Parser, words: Sequence[str]) -> None:
    """Describe the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    actions = parser.add_subparsers(metavar="ACTION", dest="action", required=True, parser_class=Parser)
    _configure_learn(actions.add_parser(LEARN, help="learn a prior from label files", epilog=EPILOG))
    show = actions.add_parser(SHOW, help="say what is in a prior")
    show.add_argument("prior", type=Path, metavar="NAME.hypprior", help="the file")
    add_json(show)
    show.set_defaults(refuse=show.refuse)


def _configure_learn(parser: Parser) -> None:
    parser.add_argument(
        "labels", nargs="+", metavar="LABELS", help="label files of specimens of one kind; the first gives the axes"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="NAME.hypprior", help="the file to make")
    parser.add_argument("--only", type=parse_codes, metavar="CODES", help="learn these labels alone, such as 2,3,10-18")
    parser.add_argument("--leave-out", type=parse_codes, metavar="CODES", help="make these labels background")
    parser.add_argument(
        "--names", type=Path, metavar="FILE", help="names of the labels: JSON, or lines of a code and a name as in "
        "tables of FreeSurfer and ITK-SNAP; by default those that the label files hold",
    )  # fmt: skip
    add_voxel_size(parser)
    add_settings(parser.add_argument_group("learning"), OWNER, PriorSettings)
    parser.add_argument("--overwrite", action="store_true", help="replace a prior that is there")
    add_json(parser)
    parser.set_defaults(refuse=parser.refuse)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Learn a prior or show one.

    Raises
    ------
    HypsegError
        If a file or a setting cannot be used.
    StoppedError
        If the person stopped it.
    """
    return _show(arguments.prior) if arguments.action == SHOW else _learn(arguments, display)


def _show(path: Path) -> Outcome:
    from napari_hypseg.training.prior_file import load_prior

    prior = load_prior(path)
    return Outcome(prior_record(path, prior), prior_table(prior))


def _learn(arguments: argparse.Namespace, display: Display) -> Outcome:
    from napari_hypseg.pipeline.label_maps import LabelChoice
    from napari_hypseg.pipeline.learn_prior import learn_prior
    from napari_hypseg.training.prior_file import save_prior
    from napari_hypseg.volumes.registration import simple_itk

    path = _out(arguments.out)
    settings = _settings(arguments)
    simple_itk()
    volumes = _open(arguments)
    names: Mapping[int, str] = {} if arguments.names is None else read_label_names(arguments.names)
    require_free([path], arguments.overwrite)
    check_no_overwrite([path], [source for volume in volumes for source in volume.sources])
    choice = LabelChoice(arguments.only, arguments.leave_out or ())
    log = RunLog()

    def show(event: Any) -> None:
        if log.record(event):
            display.show(event)

    try:
        prior = drive_interruptible(learn_prior(volumes, settings, choice, names), show)
    except KeyboardInterrupt as error:
        raise StoppedError("Stopped, and no prior was written; give less --minutes to end sooner.") from error
    save_prior(path, prior)
    record = {**prior_record(path, prior), "notices": log.notices}
    return Outcome(record, _summary(path, prior))


def _summary(path: Path, prior: "AnatomicalPrior") -> str:
    grid = "×".join(map(str, prior.shape))
    return (
        f"{path} knows {counted(len(prior.labels), 'label')} of {counted(len(prior.specimens), 'specimen')} on a grid "
        f"of {grid}, learned in {counted(prior.steps, 'step')}, {duration(prior.seconds)}.\n"
        f"Next: hypseg run VOLUME --prior {shlex.quote(str(path))} --out NAME.hypseg"
    )


def _out(path: Path) -> Path:
    return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)


def _settings(arguments: argparse.Namespace) -> PriorSettings:
    values = given(arguments, OWNER)
    if {"minutes", "steps"} <= values.keys():
        raise SettingError("Give --minutes or --steps, not both.")
    return PriorSettings.check(values)


def _open(arguments: argparse.Namespace) -> list[Volume]:
    volumes = [open_volume(path) for path in arguments.labels]
    sizes = voxel_sizes(arguments.voxel_size, len(volumes))
    placed = [v if size is None else v.with_voxel_size(*size) for v, size in zip(volumes, sizes, strict=True)]
    return placed
