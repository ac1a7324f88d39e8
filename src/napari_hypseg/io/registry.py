"""Opening and writing: the command, napari's reader and its writer all come through here."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from napari_hypseg.errors import InputError
from napari_hypseg.io import ome_zarr
from napari_hypseg.io.destination import check_replaceable, destination, volume_destinations
from napari_hypseg.io.format import Format
from napari_hypseg.io.formats import format_of, formats, name_of, readable_suffixes, volume_formats, writable_formats
from napari_hypseg.io.inner_path import split_inner_path
from napari_hypseg.io.inputs import refuse_inputs
from napari_hypseg.io.labels import LabelImage
from napari_hypseg.io.validation import validated
from napari_hypseg.io.volume_writing import write_volume, write_volume_job
from napari_hypseg.jobs import Job, quietly
from napari_hypseg.storage.atomic import replacing
from napari_hypseg.storage.reading import reading
from napari_hypseg.storage.scratch import remove_abandoned
from napari_hypseg.volumes import Volume, join_channels

__all__ = [
    "channel_paths",
    "destination",
    "format_of",
    "formats",
    "name_of",
    "open_channels",
    "open_volume",
    "readable_suffixes",
    "volume_destinations",
    "volume_formats",
    "volumes_at",
    "writable_formats",
    "write_labels",
    "write_labels_job",
    "write_volume",
    "write_volume_job",
]

CHANNEL_SEPARATOR = "+"


def open_volume(path: str | Path) -> Volume:
    """Open a file lazily, whatever its format; of one that holds several volumes, ``FILE.h5/NAME``.

    Raises
    ------
    InputError
        If it is missing, damaged, or not one volume of real numbers.
    """
    remove_abandoned()
    named = Path(path).expanduser()
    with reading(named, "a volume"):
        path, inner, form = _located(named)
    with reading(path, form.title):
        volume = validated(form.read(path / inner), path)
    return replace(volume, name=name_of(path / inner), sources=(path.absolute() / inner,))


def _located(named: Path) -> tuple[Path, str, Format]:
    """The file or folder that `named` lies in, the data set inside it, and its format."""
    path, inner = split_inner_path(named)
    if not path.exists():
        raise InputError(f"{path} does not exist; check the spelling and the folder.")
    form = format_of(path)
    if inner and not form.holds_datasets:
        raise InputError(f"{path} is a {form.title}, which holds no {inner!r}; open the file itself.")
    if path.is_dir() != (form is ome_zarr.FORMAT):
        kind = "folder" if path.is_dir() else "file"
        raise InputError(f"{path} is a {kind}, which no {form.title} is; check the name.")
    if path.is_file() and path.stat().st_size == 0:
        raise InputError(f"{path} is empty (0 bytes); copy or export it again.")
    return path, inner, form


def volumes_at(path: Path) -> tuple[Path, ...]:
    """`path`, or, if that is a file with several volumes, the path of each.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    form = format_of(path)
    if form.datasets is None or not path.is_file():
        return (path,)
    found = form.datasets(path)
    return found if len(found) > 1 else (path,)


def open_channels(text: str) -> Volume:
    """Open ``a.mrc+b.mrc`` as the channels of one volume; a file whose own name has a ``+`` goes before that.

    Raises
    ------
    InputError
        If a file cannot be read or the grids differ.
    """
    return join_channels([open_volume(path) for path in channel_paths(text)])


def write_labels_job(
    path: Path, image: LabelImage, format_name: str | None = None, inputs: Iterable[Path] = ()
) -> Job[Path]:
    """Write `image` so that it appears under its name whole or not at all; gives the path written.

    Yields `Progress` of stage ``"export"`` in planes. Closing the job leaves nothing behind.

    Raises
    ------
    SettingError
        If the format is unknown, only read, or contradicts the ending of `path`.
    OutputError
        If `path` is one of the files that the labels were made from or one of `inputs`, which are read too, lies in a
        project, or cannot be written.
    """
    target, form = destination(path, format_name)
    refuse_inputs([target], (*image.inputs, *inputs))
    assert form.write_labels is not None
    check_replaceable(target, form)
    with replacing(target) as temporary:
        yield from form.write_labels(temporary, image)
    return target


def write_labels(path: Path, image: LabelImage, format_name: str | None = None) -> Path:
    """`write_labels_job` in one go."""
    return quietly(write_labels_job(path, image, format_name))


def channel_paths(text: str) -> list[Path]:
    """The files that ``a.mrc+b.mrc`` names, the longest name that exists first.

    Raises
    ------
    InputError
        If there is no name on a side of a ``+``.
    """
    parts, paths = text.split(CHANNEL_SEPARATOR), list[Path]()
    while parts:
        joined = (CHANNEL_SEPARATOR.join(parts[:n]) for n in range(len(parts), 1, -1))
        path = next(filter(_is_one, joined), parts[0])
        if not path.strip():
            raise InputError(f"{text!r} names an empty file between two {CHANNEL_SEPARATOR}; give a path on each side.")
        paths.append(Path(path).expanduser())
        parts = parts[path.count(CHANNEL_SEPARATOR) + 1 :]
    return paths


def _is_one(name: str) -> bool:
    """Whether `name`, in which there is a ``+``, is one file; data sets are told apart by it."""
    file, inner = split_inner_path(Path(name))
    return file.exists() and CHANNEL_SEPARATOR not in inner
