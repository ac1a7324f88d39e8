"""Checks before a project is made, and the creation of a folder that is complete when it appears."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from napari_hypseg.errors import InputError, ProjectError
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.project.project_file import NAME, ProjectRecord, check_format, is_project
from napari_hypseg.project.store import Store
from napari_hypseg.storage.atomic import make_folders, unwritable
from napari_hypseg.storage.json_text import parse_json
from napari_hypseg.storage.staging import Staging, recover
from napari_hypseg.volumes.specimen import Specimen


def check_together(specimens: Sequence[Specimen]) -> None:
    """Make sure that one model can learn from all specimens.

    Raises
    ------
    InputError
        If there are none, or their channels differ in number.
    """
    channels = {len(specimen.volume.channels) for specimen in specimens}
    if not specimens:
        raise InputError("There is nothing to segment; give at least one volume.")
    if len(channels) > 1:
        listed = ", ".join(f"{s.volume.name} has {len(s.volume.channels)}" for s in specimens)
        raise InputError(
            f"All specimens need the same number of channels, but {listed}; join channels of one specimen with +."
        )


def is_vacant(path: Path) -> bool:
    """Whether nothing is at `path`, or an empty folder."""
    return not path.exists() or (path.is_dir() and not any(path.iterdir()))


def sources_of(specimens: Sequence[Specimen]) -> list[Path]:
    """The files and folders that specimens are read or computed from, masks included."""
    volumes = [specimen.volume for specimen in specimens] + [s.mask for s in specimens if s.mask is not None]
    return [source for volume in volumes for source in (*volume.sources, *volume.originals)]


def check_free(path: Path, specimens: Sequence[Specimen], overwrite: bool) -> None:
    """Make sure that a new project may be made at `path`, in place of what is there.

    Raises
    ------
    OutputError
        If it would lie in another project, or in a folder that is a source of its own.
    ProjectError
        If that is no project, of a newer version, not to be replaced, or holds a part of what is to be learned from.
    """
    if is_vacant(path):
        check_no_overwrite([path], sources_of(specimens))
        return
    _check_replaceable(path, overwrite)
    store = Store(path)
    made = {store.segmentations.resolve(), store.latent_views.resolve()}
    for source in sources_of(specimens):
        if made & set(source.resolve().parents):
            raise ProjectError(f"{source} lies inside the project {path} that it would replace; choose another name.")


def check_copy(path: Path, inputs: Iterable[Path], overwrite: bool) -> None:
    """Make sure that a copy of a project may be made at `path`, in place of what is there.

    Parameters
    ----------
    inputs
        The folder of the project itself, and what it was made from.

    Raises
    ------
    OutputError
        If it is one of `inputs`, or lies in a project or in what it was made from.
    ProjectError
        If what is there is no project, of a newer version, or not to be replaced.
    """
    check_no_overwrite([path], inputs)
    if not is_vacant(path):
        _check_replaceable(path, overwrite)


def _check_replaceable(path: Path, overwrite: bool) -> None:
    """Make sure that what is at `path` may be replaced."""
    if not is_project(path):
        raise ProjectError(f"{path} is in the way and is no hypseg project; choose another name.")
    if not overwrite:
        raise ProjectError(
            f"The project {path} exists already; open it, choose another name, or overwrite it.", setting="overwrite"
        )
    check_format(path, parse_json((path / NAME).read_bytes()))


def record_to_keep(path: Path, content: bytes) -> str | None:
    """The record that is kept until a new project in its place has regions; None if it is damaged anyway."""
    try:
        record = ProjectRecord.parse(path, content)
    except ProjectError:
        return None
    complete = Store(path, record.identity, record.suffix).is_complete
    return record.replaces if record.replaces is not None and not complete else content.decode()


class NewFolder:
    """A project's folder, which appears when it is complete.

    Parameters
    ----------
    path
        Where it will be.

    Raises
    ------
    OutputError
        If nothing can be written there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            make_folders(path.parent)
            recover(path.parent)
            self._staging = Staging(path.parent, path.name)
            self.fresh = self._staging.fresh
            self.fresh.mkdir()
            Store(self.fresh).segmentations.mkdir()
        except OSError as error:
            raise unwritable(self._path, error) from error

    def appear(self, content: bytes) -> None:
        """Write the project's record, and let the folder appear.

        Raises
        ------
        ProjectError
            If another program has made it meanwhile.
        OutputError
            If the disk is full or fails.
        """
        try:
            (self.fresh / NAME).write_bytes(content)
            self._staging.commit(over=False)
        except FileExistsError as error:
            raise ProjectError(
                f"{self._path} has been made by another program meanwhile; choose another name."
            ) from error
        except OSError as error:
            raise unwritable(self._path, error) from error

    def discard(self) -> None:
        """Remove it, unless it has appeared."""
        self._staging.discard()
