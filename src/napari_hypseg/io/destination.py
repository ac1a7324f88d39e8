"""Where something is to be written and as what, decided before a voxel is read."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from napari_hypseg.errors import SettingError
from napari_hypseg.io.format import Format
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.io.registry import formats, label_formats, volume_formats
from napari_hypseg.storage.file_names import fitted
from napari_hypseg.volumes import Volume


def label_destination(path: Path, format_name: str | None = None) -> tuple[Path, Format]:
    """Path with the right ending, and the format to write labels in; without `format_name` the ending decides.

    Raises
    ------
    SettingError
        If the format is unknown, only read, or contradicts the ending.
    """
    return _destination(path, format_name, label_formats(), "Labels")


def volume_destinations(
    path: Path, volume: Volume, format_name: str | None = None, inputs: Iterable[Path] = ()
) -> tuple[tuple[Path, ...], Format]:
    """Paths that `volume` will be written to, and their format: one path, or ``NAME-1.mrc`` and so on for channels.

    Parameters
    ----------
    path
        What the person named.
    volume
        What is written; its own sources are never written over.
    format_name
        Format, by default that of the ending.
    inputs
        Whatever else is read and must stay.

    Raises
    ------
    SettingError
        If the format is unknown, only read, or contradicts the ending.
    OutputError
        If a path is one of the files that are read, or lies in a project.
    """
    target, form = _destination(path, format_name, volume_formats(), "Volumes")
    count = 1 if form.holds_channels else len(volume.channels)
    stem, suffix = form.stem_of(target), target.name[len(form.stem_of(target)) :]
    numbers = [""] if count == 1 else [f"-{number}" for number in range(1, count + 1)]
    targets = tuple(target.with_name(fitted(stem, f"{number}{suffix}")) for number in numbers)
    check_no_overwrite(targets, (*volume.sources, *inputs))
    return targets, form


def check_replaceable(target: Path, form: Format) -> None:
    """Refuse to write over a folder of the person's own.

    Raises
    ------
    SettingError
        If `target` is a folder that this project has not written, or in which there is something else, too.
    """
    if target.is_dir() and not form.may_replace(target):
        raise SettingError(
            f"{target} is left alone, since not all that is in it was made by an export; choose another name."
        )


def _destination(path: Path, format_name: str | None, writable: Sequence[Format], what: str) -> tuple[Path, Format]:
    by_suffix = [form for form in writable if form.suffix_of(path) in form.written]
    fitting = max(by_suffix, key=lambda form: len(form.suffix_of(path)), default=None)
    known = any(form.suffix_of(path) for form in formats())
    if format_name is None:
        if fitting is None:
            endings = ", ".join(suffix for form in writable for suffix in form.written)
            raise SettingError(f"{what} cannot be written as {path.name}; let the name end in {endings}.")
        return path, fitting
    form = _named(format_name, writable, what)
    if fitting is None and not known:
        return path.with_name(path.name + form.written[0]), form
    if fitting is not form:
        raise SettingError(f"{path.name} does not fit the format {form.name}; let the name end in {form.written[0]}.")
    return path, form


def _named(name: str, writable: Sequence[Format], what: str) -> Format:
    named = {form.name: form for form in writable}
    if name not in named:
        raise SettingError(f"{what} cannot be written in the format {name!r}; choose one of {', '.join(named)}.")
    return named[name]
