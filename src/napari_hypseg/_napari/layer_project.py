"""The project that a layer belongs to."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_hypseg._napari.metadata_keys import PICTURE, PROJECT, SAMPLE, SPECIMEN
from napari_hypseg.errors import HypsegError

if TYPE_CHECKING:
    from napari.layers import Layer

    from napari_hypseg.project.project import Project

PROJECT_SUFFIX = ".hypseg"
"""Ending of a project's folder."""


def project_of(layer: "Layer") -> Path | None:
    """The folder of the project a layer belongs to, None for any other layer."""
    path = layer.metadata.get(PROJECT)
    return None if path is None else Path(path)


def is_made_here(layer: "Layer") -> bool:
    """Whether a layer shows what this plugin made, and is nothing to learn from."""
    from napari.layers import Labels

    return bool({SAMPLE, PICTURE} & layer.metadata.keys()) or (
        isinstance(layer, Labels) and project_of(layer) is not None
    )


def specimen_of(layer: "Layer", project: "Project | None") -> int | None:
    """Number of the specimen of `project` that a layer shows."""
    if project is not None and project_of(layer) == project.path:
        return int(layer.metadata[SPECIMEN])
    return None


def project_inputs(keywords: Mapping[str, Any]) -> tuple[Path, ...]:
    """What the project of a layer was made from; the labels of a file may be saved in its place."""
    named = (keywords.get("metadata") or {}).get(PROJECT)
    if named is None:
        return ()
    from napari_hypseg.project.project import Project

    try:
        return Project.open(Path(named)).inputs
    except HypsegError:  # it has gone or is damaged: what is left of it stays all the same
        return (Path(named),)
