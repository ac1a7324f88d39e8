"""Specimens from the words of a command line: paths joined by ``+``, masks and boxes."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from napari_hypseg.cli.parsing.boxes import find_box
from napari_hypseg.errors import SettingError
from napari_hypseg.io.opening import open_channels, open_volume
from napari_hypseg.io.specimen_names import unique_names
from napari_hypseg.io.voxel_size import parse_voxel_size
from napari_hypseg.volumes import Specimen, Vector3, Volume, VoxelSizeNote
from napari_hypseg.volumes.alignment import align_to_corrected
from napari_hypseg.volumes.anisotropy import voxel_size_doubt
from napari_hypseg.volumes.binning import binned
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.intensity import measure_intensity

T = TypeVar("T")


def add_voxel_size(parser: argparse.ArgumentParser, several: bool = True) -> None:
    """Add the flag that says how large a voxel is where a file does not."""
    parser.add_argument(
        "--voxel-size",
        action="append",
        default=[],
        metavar="Z,Y,X+UNIT",
        help="edges of a voxel where the file does not say or is wrong, such as 50,4.6,4.6nm, or one for cubes, such "
        "as 10Å" + ("; once for all specimens or once for each" if several else ""),
    )


def add_bin(parser: argparse.ArgumentParser) -> None:
    """Add the flag for working at a lower resolution."""
    parser.add_argument(
        "--bin",
        type=parse_bin,
        metavar="N",
        help="learn and segment at a lower resolution, that of means over N voxels along each axis; or Z,Y,X for one "
        "number an axis, such as 1,2,2 where sections are thick. Boxes are given in voxels of the file",
    )


def parse_bin(text: str) -> Index3:
    """Voxels (z, y, x) that become one, from ``2`` or ``1,2,2``.

    Raises
    ------
    SettingError
        If `text` is something else.
    """
    parts = [part.strip() for part in text.split(",")]
    factors = [int(part) for part in parts if re.fullmatch(r"[0-9]{1,4}", part)]
    if len(factors) != len(parts) or len(parts) not in (1, 3) or min(factors) < 1:
        raise SettingError(f"--bin {text!r} is not a number of voxels; write one such as 2, or z,y,x such as 1,2,2.")
    z, y, x = factors * 3 if len(factors) == 1 else factors
    return z, y, x


def voxel_sizes(texts: Sequence[str], count: int) -> list[tuple[Vector3, str] | None]:
    """The voxel size that was given for each of `count` specimens.

    Raises
    ------
    SettingError
        If one cannot be read or their number does not fit.
    """
    return _spread([parse_voxel_size(text) for text in texts], count, "--voxel-size")


def open_specimens(
    texts: Sequence[str],
    masks: Sequence[str],
    boxes: Sequence[str],
    sizes: Sequence[str] = (),
    factors: Index3 | None = None,
) -> tuple[Specimen, ...]:
    """Open every volume with its mask and box, and look at its grey values before anything is written.

    Parameters
    ----------
    texts
        Paths; several joined by ``+`` are the channels of one specimen.
    masks, boxes
        None, one for all specimens, or one for each. A folder of box files holds one for each.
    sizes
        Voxel sizes that go before what the files say; likewise.
    factors
        Voxels (z, y, x) that become one in all of them, None to keep their resolution.

    Raises
    ------
    HypsegError
        If a file cannot be used, or a volume holds nothing to learn from.
    """
    given = voxel_sizes(sizes, len(texts))
    opened = {path: open_volume(path) for path in masks}
    spread_masks = _spread([opened[path] for path in masks], len(texts), "--mask")
    spread_boxes = _spread(boxes, len(texts), "--box")
    volumes = [open_channels(text) for text in texts]
    each = zip(texts, unique_names(texts, volumes), volumes, spread_masks, given, spread_boxes, strict=True)
    specimens = tuple(binned(_specimen(*one), factors or 1) for one in each)
    for specimen in specimens:
        measure_intensity(specimen)
    return specimens


def notes_of(specimens: Sequence[Specimen]) -> tuple[str, ...]:
    """What the person should know about the files, each sentence once."""
    notes = list[str]()
    for specimen in specimens:
        notes += specimen.volume.notes
        if specimen.mask is not None:  # its voxel size is that of the volume, whatever its file says
            notes += (note for note in specimen.mask.notes if not isinstance(note, VoxelSizeNote))
    return tuple(dict.fromkeys(notes))


def _specimen(
    text: str, name: str, volume: Volume, mask: Volume | None, size: tuple[Vector3, str] | None, box: str | None
) -> Specimen:
    """A specimen whose voxel size may have been given; mask and box fit the one that its file says, or the given."""
    placed = volume if size is None else volume.with_voxel_size(*size)
    aligned = None if mask is None else align_to_corrected(mask, lambda: volume, placed)
    return Specimen(doubted(placed), aligned, None if box is None else find_box(box, placed, text, name, volume))


def doubted(volume: Volume) -> Volume:
    """`volume` with a note if its voxels look longer along one axis than is said."""
    return replace(volume, notes=(*volume.notes, *voxel_size_doubt(volume)))


def _spread(values: Sequence[T], count: int, flag: str) -> list[T | None]:
    """One value for each of `count` specimens."""
    if len(values) == count:
        return list(values)
    if len(values) > 1:
        raise SettingError(f"{flag} is given {len(values)} times for {count} specimens; give it once or for each.")
    return [values[0] if values else None] * count
