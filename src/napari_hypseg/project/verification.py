"""Verification of every file of a project, to find damage before the file is needed."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

from napari_hypseg.errors import HypsegError, ProjectError
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.project.project import Project
from napari_hypseg.project.store import Store
from napari_hypseg.project.tree_arrays import TREE_ARRAYS
from napari_hypseg.storage.array_folder import ArrayFolder
from napari_hypseg.storage.checked_array import CheckedArray
from napari_hypseg.storage.checksum import file_sha256
from napari_hypseg.training.checkpoint_file import read_checkpoint

STAGE = "verify"


def verify(project: Project) -> Job[tuple[str, ...]]:
    """Read every byte that the project has written and refers to; gives a sentence for each thing that is damaged.

    Files of the person's that it was made from have no checksums: see `Project.source_notes`. What an earlier version
    wrote has no checksums: it is read as far as it can be. Yields `Progress` of the stage
    ``"verify"``.
    """
    found = list(project.damage)
    parts = [_checkpoint(project), *_folders(project, found)]
    for done, part in enumerate(parts):
        yield Progress(STAGE, done, len(parts))
        try:
            for _ in part:
                yield Progress(STAGE, done, len(parts))
        except HypsegError as error:
            found.append(str(error))
    found += _kept_files(project)
    return tuple(dict.fromkeys(found))


def _checkpoint(project: Project) -> Iterator[None]:
    """Reading the model."""
    yield
    store = project.store
    if store.has_checkpoint:
        read_checkpoint(store.checkpoint_file)
    elif project.training:
        raise ProjectError(f"{store.checkpoint_file} is missing; restore it from a copy or learn again.")


def _folders(project: Project, found: list[str]) -> list[Iterator[None]]:
    """Reading the arrays of regions and latent views; what cannot even be opened is `found` at once."""
    store = project.store
    needed = {level.segmentation for level in project.levels}
    needed |= {project.segmentation.fingerprint} if project.segmentation else set()
    earlier = (
        *(f"tree.zarr/{name}" for name in TREE_ARRAYS),
        *(f"leaves-{i}.zarr" for i in range(len(project.records))),
    )
    parts: list[Iterator[None]] = []
    for fingerprint in sorted(needed):
        try:
            store.load_segmentation(fingerprint, len(project.records))
            folder = store.open_segmentation(fingerprint)
            parts += [_read(folder, name) for name in folder.names or earlier]
        except HypsegError as error:
            found.append(str(error))
    for path in _latent_views(store):
        try:
            folder = store.open_latent_view(path)
            parts += [_read(folder, name) for name in folder.names]
        except HypsegError as error:
            found.append(str(error))
    return parts


def _latent_views(store: Store) -> list[Path]:
    return [path for path in sorted(store.latent_views.glob("*")) if not path.name.startswith(".")]


def _read(folder: ArrayFolder, name: str) -> Iterator[None]:
    array = folder.array(name)
    for piece in _pieces(array):
        array[piece]
        yield


def _pieces(array: CheckedArray) -> Iterator[tuple[slice, ...]]:
    """Rows of whole chunks along the last axis."""
    edges = [*array.chunks[:-1], max(1, array.shape[-1])]
    steps = [range(0, n, edge) for n, edge in zip(array.shape, edges, strict=True)]
    for start in product(*steps):
        yield tuple(slice(first, first + edge) for first, edge in zip(start, edges, strict=True))


def _kept_files(project: Project) -> Iterator[str]:
    """Sentences about voxels in the project's folder that are not those that were written."""
    for record in project.records:
        for name, digest in record.digests.items():
            file = project.path / name
            try:
                whole = file_sha256(file) == digest
            except OSError as error:
                yield f"{file} cannot be read ({error.strerror}); restore it from a copy."
                continue
            if not whole:
                yield f"{file} is damaged (its voxels are not those that were written); restore it from a copy."
