"""The files that a layer of a project must never be written over."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from napari_hypseg._napari.metadata_keys import PROJECT
from napari_hypseg.errors import HypsegError


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
