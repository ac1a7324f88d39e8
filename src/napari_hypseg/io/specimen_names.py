"""A unique name for each of many specimens, for the files that are made for them."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from napari_hypseg.errors import InputError
from napari_hypseg.io.registry import volume_name
from napari_hypseg.io.volume_paths import channel_paths, split_dataset_path
from napari_hypseg.volumes import Volume


def name_of(text: str) -> str:
    """Stem of a specimen from the word of a command line, for one that cannot be opened."""
    path = _first(text)
    try:
        return volume_name(path)
    except InputError:
        return path.stem


def folder_of(text: str) -> str:
    """Name of the folder that a specimen lies in."""
    return split_dataset_path(_first(text))[0].absolute().parent.name


def unique_names(texts: Sequence[str], volumes: Sequence[Volume | None]) -> tuple[str, ...]:
    """A name for each specimen: its stem, with its folder in front where stems are alike, numbered if even these are.

    The same words give the same names, whether or not all of them can be opened.
    """
    stems = [volume.name if volume else name_of(text) for text, volume in zip(texts, volumes, strict=True)]
    often = Counter(stems)
    longer = [f"{folder_of(text)}_{stem}" if often[stem] > 1 else stem for text, stem in zip(texts, stems, strict=True)]
    return _numbered(longer)


def _numbered(names: Sequence[str]) -> tuple[str, ...]:
    """The names, the second and further of one kind with a number that no other has."""
    taken, made = set(names), list[str]()
    for name in names:
        number, free = 2, name
        while free in made:
            free = f"{name}_{number}" if f"{name}_{number}" not in taken else free
            number += 1
        made.append(free)
    return tuple(made)


def _first(text: str) -> Path:
    """The first file of several that are joined as channels."""
    try:
        return channel_paths(text)[0]
    except InputError:
        return Path(text)
