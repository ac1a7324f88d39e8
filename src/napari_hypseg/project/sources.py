"""Where a project's voxels are: files stay where they are, arrays from memory are kept in the project's folder."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from napari_hypseg.errors import HypsegError, OutputError, ProjectError
from napari_hypseg.io.registry import open_volume
from napari_hypseg.project.records import SpecimenRecord
from napari_hypseg.project.store import VOLUMES
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import LazyArray


def keep_source(project: Path, index: int, specimen: Specimen) -> SpecimenRecord:
    """Record where the voxels of specimen number `index` are; write those that are only in memory.

    Raises
    ------
    OutputError
        If the folder is full or cannot be written.
    """
    volume = specimen.volume
    sources = tuple(_recorded(project, source) for source in volume.sources)
    if not sources:
        sources = tuple(
            _write(project, f"{index}-{channel}.npy", array) for channel, array in enumerate(volume.channels)
        )
    mask: Path | None = None
    if specimen.mask is not None:
        written = specimen.mask.sources
        mask = (
            _recorded(project, written[0])
            if written
            else _write(project, f"{index}-mask.npy", specimen.mask.channels[0])
        )
    return SpecimenRecord.of(specimen, sources, mask)


def open_specimen(project: Path, record: SpecimenRecord) -> Specimen:
    """Open the specimen of a record, in the place the record says.

    Raises
    ------
    ProjectError
        If a file is missing or its grid has changed.
    """
    try:
        volumes = [open_volume(project / source) for source in record.sources]
        mask = open_volume(project / record.mask) if record.mask else None
        joined = volumes[0].with_channels_of(volumes[1:])
    except HypsegError as error:
        raise ProjectError(f"The specimen {record.name} of {project.name} cannot be opened: {error}") from error
    if joined.shape != record.shape:
        raise ProjectError(
            f"{record.sources[0]} now has the grid {joined.shape}, but {project.name} was made from {record.shape}; "
            "put the old file back or start a new project."
        )
    placed = replace(joined, name=record.name, voxel_size=record.voxel_size, unit=record.unit, origin=record.origin)
    return Specimen(placed, mask, record.box)


def input_files(project: Path, records: Iterable[SpecimenRecord]) -> tuple[Path, ...]:
    """What is read when a project is worked with and must never be written over: its folder, its volumes, its masks."""
    named = [name for record in records for name in (*record.sources, record.mask) if name]
    return (project, *(project / name for name in named))


def _recorded(project: Path, source: Path) -> Path:
    """`source` as the record names it: relative to the project if it lies inside, so that the project can be moved."""
    source, home = source.resolve(), project.resolve()
    return source.relative_to(home) if source.is_relative_to(home) else source


def _write(project: Path, name: str, array: LazyArray) -> Path:
    """Write one array slab by slab; gives the path relative to the project."""
    relative = Path(VOLUMES) / name
    while (project / relative).exists():  # of an older project here, and perhaps a source of this one
        relative = relative.with_stem(f"{relative.stem}-new")
    path, partial = project / relative, project / relative.with_name(relative.name + ".partial")
    try:
        path.parent.mkdir(exist_ok=True)
        dtype = np.dtype(np.uint8) if array.dtype == bool else np.dtype(array.dtype)
        file = np.lib.format.open_memmap(partial, mode="w+", dtype=dtype, shape=tuple(array.shape))
        for z in range(0, array.shape[0], 16):
            file[z : z + 16] = array[z : z + 16]
        file.flush()
        del file
        partial.replace(path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror}); free space or choose another folder."
        ) from error
    return relative
