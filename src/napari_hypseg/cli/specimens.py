"""Specimens from the words of a command line: paths joined by ``+``, masks and boxes."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from napari_hypseg.cli.boxes import find_box
from napari_hypseg.cli.naming import unique_names
from napari_hypseg.errors import SettingError
from napari_hypseg.io.opening import open_channels, open_volume
from napari_hypseg.io.voxel_size import parse_voxel_size
from napari_hypseg.volumes import Specimen, Vector3, Volume, VoxelSizeNote
from napari_hypseg.volumes.alignment import align_to_corrected
from napari_hypseg.volumes.anisotropy import voxel_size_doubt
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


def voxel_sizes(texts: Sequence[str], count: int) -> list[tuple[Vector3, str] | None]:
    """The voxel size that was given for each of `count` specimens.

    Raises
    ------
    SettingError
        If one cannot be read or their number does not fit.
    """
    return _spread([parse_voxel_size(text) for text in texts], count, "--voxel-size")


def open_specimens(
    texts: Sequence[str], masks: Sequence[str], boxes: Sequence[str], sizes: Sequence[str] = ()
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
    specimens = tuple(_specimen(*one) for one in each)
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
