"""The one list of formats: the command, napari's reader and its writer all come through here."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.io import mrc, nifti, numpy_file, ome_zarr, tiff
from napari_hypseg.io.atomic import replacing
from napari_hypseg.io.format import Format
from napari_hypseg.io.labels import LabelImage
from napari_hypseg.jobs import Job, quietly
from napari_hypseg.volumes import Volume

CHANNEL_SEPARATOR = "+"
_FORMATS = (mrc.FORMAT, tiff.FORMAT, nifti.FORMAT, numpy_file.FORMAT, ome_zarr.FORMAT)


def formats() -> tuple[Format, ...]:
    """Every format, readable all of them."""
    return _FORMATS


def writable_formats() -> tuple[Format, ...]:
    """The formats that labels can be written to."""
    return tuple(form for form in _FORMATS if form.write_labels is not None)


def readable_suffixes() -> tuple[str, ...]:
    """Every ending that can be opened."""
    return tuple(suffix for form in _FORMATS for suffix in form.suffixes)


def format_of(path: Path) -> Format:
    """The format whose ending fits `path` best; a folder inside a ``.zarr`` counts as zarr.

    Raises
    ------
    InputError
        If no ending fits, naming those that do.
    """
    candidates = (path, *path.parents) if path.is_dir() else (path,)
    for candidate in candidates:
        fitting = max(_FORMATS, key=lambda form: len(form.suffix_of(candidate)))
        if fitting.suffix_of(candidate):
            return fitting
    kind = "is a folder that is not a volume" if path.is_dir() else "is not a kind of file that can be opened"
    raise InputError(f"{path} {kind}; what can be opened ends in {', '.join(readable_suffixes())}.")


def open_volume(path: str | Path) -> Volume:
    """Open a file lazily, whatever its format.

    Raises
    ------
    InputError
        If it is missing, damaged, or not one volume of real numbers.
    """
    path = Path(path).expanduser()
    if not path.exists():
        raise InputError(f"{path} does not exist; check the spelling and the folder.")
    form = format_of(path)
    if path.is_dir() != (form is ome_zarr.FORMAT):
        kind = "folder" if path.is_dir() else "file"
        raise InputError(f"{path} is a {kind}, which no {form.title} is; check the name.")
    if path.is_file() and path.stat().st_size == 0:
        raise InputError(f"{path} is empty (0 bytes); copy or export it again.")
    try:
        volume = form.read(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}); check its permissions.") from error
    return replace(volume, name=form.stem_of(path) or path.name, sources=(path.absolute(),))


def open_channels(text: str) -> Volume:
    """Open ``a.mrc+b.mrc`` as the channels of one volume; a file whose own name has a ``+`` goes before that.

    Raises
    ------
    InputError
        If a file cannot be read or the grids differ.
    """
    first, *others = [open_volume(path) for path in _split(text)]
    return first.with_channels_of(others) if others else first


def write_labels_job(path: Path, image: LabelImage, format_name: str | None = None) -> Job[Path]:
    """Write `image` so that it appears under its name whole or not at all; gives the path written.

    Yields `Progress` of stage ``"export"`` in planes. Closing the job leaves nothing behind.

    Raises
    ------
    SettingError
        If the format is unknown, only read, or contradicts the ending of `path`.
    OutputError
        If the file cannot be written.
    """
    target, form = destination(path, format_name)
    assert form.write_labels is not None
    if target.is_dir() and not form.may_replace(target):
        raise SettingError(f"{target} is a folder that no export has made and is left alone; choose another name.")
    with replacing(target) as temporary:
        yield from form.write_labels(temporary, image)
    return target


def write_labels(path: Path, image: LabelImage, format_name: str | None = None) -> Path:
    """`write_labels_job` in one go."""
    return quietly(write_labels_job(path, image, format_name))


def destination(path: Path, format_name: str | None = None) -> tuple[Path, Format]:
    """Path with the right ending, and the format to write; without `format_name` the ending decides.

    Raises
    ------
    SettingError
        If the format is unknown, only read, or contradicts the ending.
    """
    by_suffix = [form for form in writable_formats() if form.suffix_of(path) in form.written]
    fitting = max(by_suffix, key=lambda form: len(form.suffix_of(path)), default=None)
    known = any(form.suffix_of(path) for form in _FORMATS)
    if format_name is None:
        if fitting is None:
            raise SettingError(f"Labels cannot be written as {path.name}; let the name end in {_written()}.")
        return path, fitting
    form = _writable(format_name)
    if fitting is None and not known:
        return path.with_name(path.name + form.written[0]), form
    if fitting is not form:
        raise SettingError(f"{path.name} does not fit the format {form.name}; let the name end in {form.written[0]}.")
    return path, form


def _writable(name: str) -> Format:
    named: dict[str, Any] = {form.name: form for form in writable_formats()}
    if name not in named:
        raise SettingError(f"Labels cannot be written in the format {name!r}; choose one of {', '.join(named)}.")
    form: Format = named[name]
    return form


def _written() -> str:
    return ", ".join(suffix for form in writable_formats() for suffix in form.written)


def _split(text: str) -> list[str]:
    """Paths joined by ``+``, the longest that exists first."""
    parts, paths = text.split(CHANNEL_SEPARATOR), []
    while parts:
        joined = (CHANNEL_SEPARATOR.join(parts[:n]) for n in range(len(parts), 1, -1))
        path = next((name for name in joined if Path(name).exists()), parts[0])
        if not path.strip():
            raise InputError(f"{text!r} names an empty file between two {CHANNEL_SEPARATOR}; give a path on each side.")
        paths.append(path)
        parts = parts[path.count(CHANNEL_SEPARATOR) + 1 :]
    return paths
