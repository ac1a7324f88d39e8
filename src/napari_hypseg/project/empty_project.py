"""Removal of projects in which nothing was learned."""

from contextlib import suppress

from napari_hypseg.project.access import JOB_LOCK, RECORD_LOCK
from napari_hypseg.project.project import Project
from napari_hypseg.project.project_file import NAME
from napari_hypseg.project.store import VOLUME_NAME, VOLUMES
from napari_hypseg.storage.file_removal import remove_matching


def discard_if_empty(project: Project) -> bool:
    """Close a project and remove its folder if no job has written anything to it; whether it was so.

    The project that it was to replace comes back, and files of other programs stay.
    """
    if project.read_only or project.has_checkpoint or project.store.is_complete:
        return False
    replaces = project.replaces_another
    project.close()
    if not replaces:
        with suppress(OSError):  # what is left is a project that opens
            remove_matching(project.path, _is_of_an_empty_project)
    return True


def _is_of_an_empty_project(name: str) -> bool:
    """Whether a path within a project's folder is of a file that is there before anything was learned."""
    folder, _, file = name.rpartition("/")
    return name in (NAME, RECORD_LOCK, JOB_LOCK) or (folder == VOLUMES and VOLUME_NAME.fullmatch(file) is not None)
