"""The list of formats, and which of them a file name stands for."""

from pathlib import Path

from napari_hypseg.errors import InputError
from napari_hypseg.io import hdf5, mrc, nifti, numpy, tiff, zarr
from napari_hypseg.io.format import Format
from napari_hypseg.io.volume_paths import split_dataset_path

_FORMATS = (mrc.FORMAT, tiff.FORMAT, nifti.FORMAT, numpy.FORMAT, hdf5.FORMAT, zarr.FORMAT)


def formats() -> tuple[Format, ...]:
    """Every format; all can be read."""
    return _FORMATS


def label_formats() -> tuple[Format, ...]:
    """The formats that labels can be written to."""
    return tuple(form for form in _FORMATS if form.write_labels is not None)


def volume_formats() -> tuple[Format, ...]:
    """The formats that volumes can be written to."""
    return tuple(form for form in _FORMATS if form.write_volume is not None)


def readable_suffixes() -> tuple[str, ...]:
    """Every ending that can be opened."""
    return tuple(suffix for form in _FORMATS for suffix in form.suffixes)


def format_of(path: Path) -> Format:
    """The format whose ending fits `path` best.

    A folder inside a ``.zarr`` counts as zarr, and a data set inside a file as what the file is.

    Raises
    ------
    InputError
        If no ending fits, naming those that do.
    """
    path, _ = split_dataset_path(path)
    candidates = (path, *path.parents) if path.is_dir() else (path,)
    for candidate in candidates:
        fitting = max(_FORMATS, key=lambda form: len(form.suffix_of(candidate)))
        if fitting.suffix_of(candidate):
            return fitting
    kind = "is a folder that is not a volume" if path.is_dir() else "is not a kind of file that can be opened"
    raise InputError(f"{path} {kind}; what can be opened ends in {', '.join(readable_suffixes())}.")


def file_and_dataset(path: Path) -> tuple[Path, str]:
    """As `split_dataset_path`; where nothing is there, the endings decide which part of `path` is the file."""
    file, inner = split_dataset_path(path)
    if not inner and not file.exists():
        for parent in path.parents:
            if any(form.holds_datasets and form.suffix_of(parent) for form in _FORMATS) and not parent.is_dir():
                return parent, path.relative_to(parent).as_posix()
    return file, inner


def volume_name(path: Path) -> str:
    """Name of the volume at `path`: the stem of its file, with that of a data set inside the file.

    Raises
    ------
    InputError
        If no ending fits.
    """
    file, inner = split_dataset_path(path)
    stem = format_of(path).stem_of(file) or file.name
    return f"{stem}-{Path(inner).name}" if inner else stem
