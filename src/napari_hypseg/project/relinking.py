"""Finding the moved files of a project by their name and by a hash of their voxels."""

import os
from collections.abc import Iterator, Sequence
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING

from napari_hypseg.errors import HypsegError, ProjectError
from napari_hypseg.project.records import SpecimenRecord
from napari_hypseg.project.source_files import RecordedFile, missing
from napari_hypseg.project.sources import changes, open_files

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project

MOST_TRIED = 256
"""Sets of files that are opened for one specimen, if there are so many of the same names."""
CLOSED = (".zarr", ".hypseg")
"""Endings of folders that are one thing and hold no files of the person's."""


def find_files(project: Path, record: SpecimenRecord, places: Sequence[Path]) -> tuple[Path, ...] | None:
    """The files of a specimen, the mask last, that hold the recorded voxels; None if they are not found.

    Parameters
    ----------
    project, record
        The project's folder and what it remembers of the specimen.
    places
        Folders, which are searched with all that is in them for files of the recorded names, and files, which may have
        been renamed.
    """
    options = [list(dict.fromkeys(_options(project, file, places, bool(record.voxels)))) for file in record.files]
    for paths in islice(product(*options), MOST_TRIED):
        try:
            specimen = open_files(project, record, paths)
        except HypsegError:
            continue
        if not changes(project, record, specimen):
            return paths
    return None


def missing_files(project: "Project") -> list[Path]:
    """Where the files that are in none of their places were last."""
    return list(dict.fromkeys(path for record in project.records for path in missing(project.path, record.files)))


def relink_missing(project: "Project", places: Sequence[Path]) -> None:
    """Look in `places`, as in `find_files`, for the files that are missing, and let the project be read from them.

    Raises
    ------
    ProjectError
        If one is not found there, or holds other voxels; what was found is kept.
    """
    for number, record in enumerate(project.records):
        if missing(project.path, record.files) and (found := find_files(project.path, record, places)):
            project.relink(number, found)
    if gone := missing_files(project):
        raise ProjectError(
            f"{', '.join(map(str, gone))} of {project.path.name} cannot be found there, or holds other voxels; choose "
            "the file or folder that it is now."
        )


def _options(project: Path, file: RecordedFile, places: Sequence[Path], renamed: bool) -> Iterator[Path]:
    """Where `file` may be: where it was, then what is found in `places`."""
    yield from file.existing(project)
    for place in places:
        if place.name == file.name or (renamed and place.is_file()):
            yield place / file.dataset
        elif not place.exists():  # a data set
            yield place
        if place.is_dir():
            yield from (found / file.dataset for found in _named(place, file.name))


def _named(folder: Path, name: str) -> Iterator[Path]:
    """Everything called `name` in a folder and those in it."""
    for here, folders, files in os.walk(folder):
        if name in folders or name in files:
            yield Path(here) / name
        folders[:] = sorted(inner for inner in folders if not inner.lower().endswith(CLOSED))
