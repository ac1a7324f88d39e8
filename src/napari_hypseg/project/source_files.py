"""Paths of the files that a project was made from: as recorded, or relative to a project that was moved with them."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from napari_hypseg.io.registry import file_and_dataset
from napari_hypseg.io.volume_paths import volume_exists


class RecordedFile(NamedTuple):
    """How a record names a file: by its path, and by the way that leads to it from the project's folder.

    Parameters
    ----------
    path
        Absolute, as the person named it, so never the target of a link; relative for a file inside the project.
    relative
        From the project's folder, with forward slashes; None for a file inside it, or on another drive.
    """

    path: str
    relative: str | None

    @classmethod
    def of(cls, project: Path, source: Path) -> "RecordedFile":
        """Names of `source` in the record of `project`."""
        home = Path(os.path.realpath(project))
        file, inner = file_and_dataset(source)
        named = Path(os.path.realpath(file.parent)) / file.name / inner
        if named.is_relative_to(home):
            return cls(named.relative_to(home).as_posix(), None)
        try:
            return cls(str(source.absolute()), Path(os.path.relpath(named, home)).as_posix())
        except ValueError:  # another drive of Windows
            return cls(str(source.absolute()), None)

    @property
    def name(self) -> str:
        """Name of the file without its folders and without a data set in it."""
        return file_and_dataset(Path(self.relative or self.path))[0].name

    @property
    def dataset(self) -> str:
        """The data set in the file, empty if the file is the volume."""
        return file_and_dataset(Path(self.relative or self.path))[1]

    def places(self, project: Path) -> tuple[Path, ...]:
        """Where it was, and where it is if it has moved with the project; whatever lies there passes for it."""
        home = Path(os.path.realpath(project))
        moved = () if self.relative is None else (Path(os.path.normpath(home / self.relative)),)
        return (project / self.path, *moved)

    def existing(self, project: Path) -> tuple[Path, ...]:
        """Every file that may be this one: those in its places, or else the one of its name beside the project."""
        there = tuple(place for place in self.places(project) if volume_exists(place))
        return there or tuple(place for place in [self.beside(project)] if volume_exists(place))

    def beside(self, project: Path) -> Path:
        """Where a file of this name would lie beside the project; it has to prove that it is the same."""
        return Path(os.path.realpath(project)).parent / self.name / self.dataset


def missing(project: Path, files: Iterable[RecordedFile]) -> list[Path]:
    """The recorded paths of those of `files` that are in none of their places."""
    return [project / file.path for file in files if not any(map(volume_exists, file.places(project)))]


def candidates(project: Path, files: Sequence[RecordedFile]) -> Iterator[tuple[list[Path], bool]]:
    """Sets of files that exist and may be those of a record, the likeliest first.

    Yields
    ------
    list of pathlib.Path
        A path for each of `files`.
    bool
        Whether their places vouch for them; files that only have the same name have to prove what they are.
    """
    seen = list[list[Path]]()
    for first in range(3):
        found = [_existing(project, file, first) for file in files]
        paths = [path for path in found if path is not None]
        if len(paths) == len(found) and paths not in seen:
            seen.append(paths)
            vouched = all(path in file.places(project) for path, file in zip(paths, files, strict=True))
            yield paths, vouched


def _existing(project: Path, file: RecordedFile, first: int) -> Path | None:
    """One of the places in which there is something: that of number `first` if it can be, else any."""
    places = [*file.places(project), file.beside(project)]
    ordered = [*places[first : first + 1], *places]
    return next((place for place in ordered if volume_exists(place)), None)
