"""The volumes that a project is applied to, from the words of a command line."""

import argparse

from napari_hypseg.cli.parsing.specimens import add_voxel_size, open_specimens
from napari_hypseg.errors import SettingError
from napari_hypseg.io.volume_folder import volumes_in
from napari_hypseg.pipeline.apply_many import ApplyTask, volume_tasks
from napari_hypseg.volumes.specimen import Specimen


def add_volumes(parser: argparse.ArgumentParser) -> None:
    """The volumes, with their masks and boxes."""
    parser.add_argument(
        "volumes",
        nargs="*",
        metavar="VOLUME",
        help="a volume, several joined by + as channels on one grid, or a folder of volumes",
    )
    for flag, what in (("--mask", "FILE"), ("--box", "BOX")):
        parser.add_argument(
            flag,
            action="append",
            default=[],
            metavar=what,
            help="as for hypseg run; once for all volumes or once for each",
        )
    add_voxel_size(parser)


def apply_tasks(arguments: argparse.Namespace) -> list[ApplyTask]:
    """What is to be done, one task a volume; none of them is opened yet.

    Raises
    ------
    SettingError
        If there is no volume, or masks, boxes or voxel sizes do not fit in number.
    """
    texts = [text for word in arguments.volumes for text in volumes_in(word)]
    if not texts:
        raise SettingError("Name at least one volume, such as: hypseg apply cell.hypseg tomogram.mrc --out applied")
    given = {flag: _spread(getattr(arguments, flag), len(texts), flag) for flag in ("mask", "box", "voxel_size")}
    of_texts = {text: [given[flag][at] for flag in given] for at, text in enumerate(texts)}
    return volume_tasks(texts, arguments.out, lambda text: _open(text, *of_texts[text]))


def _open(text: str, mask: str | None, box: str | None, size: str | None) -> Specimen:
    masks, boxes, sizes = ([] if value is None else [value] for value in (mask, box, size))
    return open_specimens([text], masks, boxes, sizes)[0]


def _spread(values: list[str], count: int, flag: str) -> list[str | None]:
    if len(values) > 1 and len(values) != count:
        name = flag.replace("_", "-")
        raise SettingError(f"--{name} is given {len(values)} times for {count} volumes; give it once or for each.")
    return list(values) if len(values) == count else [values[0] if values else None] * count
