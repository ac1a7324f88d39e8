"""Copies of a whole project: voxels, model, regions, levels, edits and view, in a folder that appears once complete."""

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from napari_hypseg.errors import ProjectError
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.project.access import JOB_LOCK, RECORD_LOCK, Access
from napari_hypseg.project.creation import check_copy, is_vacant
from napari_hypseg.project.project_file import NAME, ProjectRecord, read_project_file
from napari_hypseg.project.project_structures import FOLDER as EDITS
from napari_hypseg.project.source_files import RecordedFile
from napari_hypseg.project.sources import input_files
from napari_hypseg.project.unfinished import NAME as UNFINISHED
from napari_hypseg.project.view_state import NAME as VIEW
from napari_hypseg.storage.atomic import make_folders, unwritable, write_bytes
from napari_hypseg.storage.staging import Staging, is_staging, recover

BLOCK = 2**24
"""Bytes between two reports."""
NOT_COPIED = frozenset({RECORD_LOCK, JOB_LOCK})
COPYING = "another window, which is saving a copy there"


def copy_project(project: Path, target: Path, overwrite: bool = False) -> Job[Path]:
    """Copy a project to another folder, whole or not at all; the files it was made from are found from there, too.

    Parameters
    ----------
    project
        Folder of the project; it is only read.
    target
        Folder of the copy.
    overwrite
        Whether a project that is there is replaced.

    Raises
    ------
    ProjectError
        If there is no project, or something is in the way: no project, one that is open or not to be replaced.
    OutputError
        If the target lies inside a project or holds what this one was made from, or the disk is full.
    """
    record = ProjectRecord.parse(project, read_project_file(project))
    check_copy(target, input_files(project, record.specimens), overwrite)
    held = None if is_vacant(target) else Access.writing(target, COPYING)
    if held is not None:
        held.require()
    try:
        make_folders(target.parent)
        recover(target.parent)
        staging = Staging(target.parent, target.name)
        try:
            yield from _copy_files(project, staging.fresh)
            (staging.fresh / NAME).write_bytes(_moved(project, target, record).content())
            staging.commit(over=overwrite)
        finally:
            staging.discard()
    except FileExistsError as error:
        raise ProjectError(f"{target} has been made by another program meanwhile; choose another name.") from error
    except OSError as error:
        raise _failure(project, target, error) from error
    finally:
        if held is not None:
            held.close()
    return target


def update_copy(project: Path, target: Path) -> None:
    """Bring a copy up to date with what was edited, kept and looked at while it was made.

    Raises
    ------
    ProjectError
        If the project cannot be read.
    OutputError
        If the disk is full.
    """
    record = ProjectRecord.parse(project, read_project_file(project))
    write_bytes(target / NAME, _moved(project, target, record).content())
    logs = sorted((project / EDITS).glob("*.jsonl"))
    for file in (*logs, *(view for view in [project / VIEW] if view.exists())):
        content, copy = file.read_bytes(), target / file.relative_to(project)
        if not copy.exists() or copy.read_bytes() != content:
            write_bytes(copy, content)


def _copy_files(project: Path, fresh: Path) -> Job[None]:
    files = list(_files(project))
    total, done = sum(file.stat().st_size for file in files), 0
    for file in files:
        copy = fresh / file.relative_to(project)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with file.open("rb") as reading, copy.open("wb") as writing:
            while block := reading.read(BLOCK):
                writing.write(block)
                done += len(block)
                yield Progress("copy", done, total)
        yield Progress("copy", done, total)


def _files(folder: Path) -> Iterator[Path]:
    """The files below `folder`, also behind links, without locks and what is being written."""
    seen = set[str]()
    for here, folders, files in os.walk(folder, followlinks=True):
        seen.add(os.path.realpath(here))
        inner = [Path(here) / name for name in sorted(folders)]
        folders[:] = [one.name for one in inner if not _is_passing(one.name) and os.path.realpath(one) not in seen]
        named = (Path(here) / name for name in sorted(files) if name not in NOT_COPIED)
        yield from (file for file in named if file.is_file())


def _moved(project: Path, target: Path, record: ProjectRecord) -> ProjectRecord:
    """The record of a project as its copy has it."""
    specimens = []
    for one in record.specimens:
        files = [_seen_from(project, target, file) for file in one.files]
        originals = [_seen_from(project, target, file) for file in one.original_files]
        named = tuple((file.path, file.relative) for file in originals)
        specimens.append(replace(one.with_files(files), originals=named))
    return replace(record, specimens=tuple(specimens))


def _seen_from(project: Path, target: Path, file: RecordedFile) -> RecordedFile:
    """A file with the way that leads to the same place from another folder; one inside the project is copied along."""
    if file.relative is None:
        return file
    place = os.path.normpath(os.path.join(os.path.realpath(project), file.relative))
    home = os.path.join(os.path.realpath(target.parent), target.name)
    with suppress(ValueError):  # another drive of Windows
        return file._replace(relative=Path(os.path.relpath(place, home)).as_posix())
    return RecordedFile(place, None)


def _failure(project: Path, target: Path, error: OSError) -> Exception:
    """Whether it was the project that could not be read, or the copy that could not be written."""
    if error.errno == errno.ENOENT and str(error.filename).startswith(str(project)):
        return ProjectError(f"{project} was changed by another program while it was copied; save the copy again.")
    return unwritable(target, error)


def _is_passing(folder: str) -> bool:
    """Whether a folder of that name is only there until what is being computed is finished."""
    return is_staging(folder) or folder == UNFINISHED
