"""Opening of volumes, whatever their format; the command and napari's reader both use it."""

from dataclasses import replace
from pathlib import Path

from napari_hypseg.errors import InputError
from napari_hypseg.io.format import Format
from napari_hypseg.io.registry import format_of, volume_name
from napari_hypseg.io.validation import validate_volume
from napari_hypseg.io.volume_paths import channel_paths, split_dataset_path
from napari_hypseg.storage.reading import reading
from napari_hypseg.storage.scratch import remove_abandoned
from napari_hypseg.volumes import Volume, join_channels


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
        volume = validate_volume(form.read(path / inner), path)
    return replace(volume, name=volume_name(path / inner), sources=(path.absolute() / inner,))


def _located(named: Path) -> tuple[Path, str, Format]:
    """The file or folder that `named` lies in, the data set inside it, and its format."""
    path, inner = split_dataset_path(named)
    if not path.exists():
        raise InputError(f"{path} does not exist; check the spelling and the folder.")
    form = format_of(path)
    if inner and not form.holds_datasets:
        raise InputError(f"{path} is a {form.title}, which holds no {inner!r}; open the file itself.")
    if path.is_dir() != form.is_folder:
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
