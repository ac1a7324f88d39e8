"""Specimens from the words of a command line: paths joined by ``+``, masks and boxes."""

from collections.abc import Sequence
from typing import TypeVar

from napari_hypseg.cli.boxes import find_box
from napari_hypseg.cli.naming import unique_names
from napari_hypseg.errors import SettingError
from napari_hypseg.io.registry import open_channels, open_volume
from napari_hypseg.volumes import Specimen
from napari_hypseg.volumes.intensity import measure_intensity

T = TypeVar("T")


def open_specimens(texts: Sequence[str], masks: Sequence[str], boxes: Sequence[str]) -> tuple[Specimen, ...]:
    """Open every volume with its mask and box, and look at its grey values before anything is written.

    Parameters
    ----------
    texts
        Paths; several joined by ``+`` are the channels of one specimen.
    masks, boxes
        None, one for all specimens, or one for each. A folder of box files holds one for each.

    Raises
    ------
    HypsegError
        If a file cannot be used, or a volume holds nothing to learn from.
    """
    opened = {path: open_volume(path) for path in masks}
    spread_masks = _spread([opened[path] for path in masks], len(texts), "--mask")
    spread_boxes = _spread(boxes, len(texts), "--box")
    volumes = [open_channels(text) for text in texts]
    each = zip(texts, unique_names(texts, volumes), volumes, spread_masks, spread_boxes, strict=True)
    specimens = tuple(
        Specimen(volume, mask, None if box is None else find_box(box, volume, text, name))
        for text, name, volume, mask, box in each
    )
    for specimen in specimens:
        measure_intensity(specimen)
    return specimens


def notes_of(specimens: Sequence[Specimen]) -> tuple[str, ...]:
    """What the person should know about the files, each sentence once."""
    volumes = [volume for specimen in specimens for volume in (specimen.volume, specimen.mask) if volume is not None]
    return tuple(dict.fromkeys(note for volume in volumes for note in volume.notes))


def _spread(values: Sequence[T], count: int, flag: str) -> list[T | None]:
    """One value for each of `count` specimens."""
    if len(values) == count:
        return list(values)
    if len(values) > 1:
        raise SettingError(f"{flag} is given {len(values)} times for {count} specimens; give it once or for each.")
    return [values[0] if values else None] * count
