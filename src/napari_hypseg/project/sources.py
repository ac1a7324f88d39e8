"""The voxels of a project: files stay where they are, arrays from memory are written to the project's folder."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from napari_hypseg.errors import HypsegError, ProjectError, SettingError
from napari_hypseg.io.opening import open_volume
from napari_hypseg.project.record_validation import check_place
from napari_hypseg.project.records import SpecimenRecord
from napari_hypseg.project.source_files import RecordedFile, candidates, missing
from napari_hypseg.project.store import VOLUMES
from napari_hypseg.storage.atomic import replacing
from napari_hypseg.storage.npy import write_npy
from napari_hypseg.volumes.alignment import align_to_corrected, join_channels, orient_to
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import LazyArray, Vector3, Volume
from napari_hypseg.volumes.voxel_hash import voxel_hash


def keep_source(project: Path, index: int, specimen: Specimen, folder: Path | None = None) -> SpecimenRecord:
    """Record where the voxels of specimen number `index` are; write those that are only in memory.

    Parameters
    ----------
    project
        The project's folder.
    index, specimen
        Which it is, and what.
    folder
        Where the project's folder is being made, if it is not in its place yet.

    Raises
    ------
    OutputError
        If the folder is full or cannot be written.
    """
    volume, digests = specimen.volume, dict[str, str]()
    folder = folder or project

    def kept(name: str, array: LazyArray) -> RecordedFile:
        written, digest = _write(project, folder, name, array)
        digests[written] = digest
        return RecordedFile(written, None)

    sources = [RecordedFile.of(project, source) for source in volume.sources]
    if not sources:
        sources = [kept(f"{index}-{channel}.npy", array) for channel, array in enumerate(volume.channels)]
    mask: RecordedFile | None = None
    if specimen.mask is not None:
        written = specimen.mask.sources
        name, array = f"{index}-mask.npy", specimen.mask.channels[0]
        mask = RecordedFile.of(project, written[0]) if written else kept(name, array)
    originals = [*volume.originals, *(specimen.mask.originals if specimen.mask else ())]
    files = [RecordedFile.of(project, original) for original in dict.fromkeys(originals)]
    named = tuple((file.path, file.relative) for file in files)
    return replace(SpecimenRecord.of(specimen, sources, mask), digests=digests, originals=named)


def open_specimen(project: Path, record: SpecimenRecord) -> Specimen:
    """Open the specimen of a record, in the place the record says.

    Its files may have moved together with the project. Among several that may be meant, those with the voxels that the
    project was made from are taken; if there are none, a note of the volume or the mask says so.

    Raises
    ------
    ProjectError
        If a file is missing or its grid has changed.
    """
    replaced: Specimen | None = None
    failure: HypsegError | None = None
    for paths, vouched in candidates(project, record.files):
        try:
            specimen = open_files(project, record, paths)
        except HypsegError as error:
            failure = failure or error
            continue
        if not (notes := changes(project, record, specimen)):
            return specimen
        if vouched and replaced is None:
            replaced = replace(specimen, volume=replace(specimen.volume, notes=(*specimen.volume.notes, *notes)))
    if replaced is not None:
        return replaced
    raise ProjectError(
        f"The specimen {record.name} of {project.name} cannot be opened: {failure or _gone(project, record)}"
    ) from failure


def as_read(project: Path, record: SpecimenRecord) -> Volume:
    """The volume of a record as its files place it, whatever was corrected since; as recorded if there are none."""
    for paths, _ in candidates(project, record.files):
        try:
            volume = join_channels([open_volume(path) for path in paths[: len(record.sources)]])
            return orient_to(replace(volume, name=record.name), record.grid)
        except HypsegError:
            continue
    return record.grid


def corrected(project: Path, record: SpecimenRecord, voxel_size: Vector3, unit: str) -> SpecimenRecord:
    """The record of a specimen whose header said a wrong voxel size.

    Raises
    ------
    SettingError
        If no voxel has such edges, or `unit` is no length.
    ProjectError
        If the specimen's source is missing.
    """
    try:
        check_place(voxel_size, (), unit)
    except ValueError as error:
        raise SettingError(f"That voxel size cannot be set ({error}); give three lengths above 0.") from error
    right = replace(record, voxel_size=voxel_size, unit=unit)
    return replace(right, fingerprint=open_specimen(project, right).fingerprint)


def changes(project: Path, record: SpecimenRecord, specimen: Specimen) -> tuple[str, ...]:
    """A sentence for the volume and for the mask of `specimen` if it does not hold the recorded voxels any more."""
    opened = [(specimen.volume, record.voxels), (specimen.mask, record.mask_voxels)]
    return tuple(
        f"{', '.join(map(str, volume.sources))} is not the file that {project.name} was made from: it holds other "
        "voxels now. Model and regions belong to the old file; put it back, or start a new project."
        for volume, voxels in opened
        if volume is not None and voxels and voxel_hash(volume) != voxels
    )


def source_notes(project: Path, records: Iterable[SpecimenRecord]) -> tuple[str, ...]:
    """A sentence for each file that is not the one the project was made from, and specimen that cannot be opened."""
    notes = list[str]()
    for record in records:
        try:
            notes += changes(project, record, open_specimen(project, record))
        except HypsegError as error:
            notes.append(str(error))
    return tuple(dict.fromkeys(notes))


def open_files(project: Path, record: SpecimenRecord, paths: Sequence[Path]) -> Specimen:
    """Open the specimen of a record from `paths`: the files of the channels, and of the mask behind them.

    Raises
    ------
    HypsegError
        If one cannot be opened, or they do not fit each other or the record's grid.
    """
    volumes = [open_volume(path) for path in paths]
    mask = volumes.pop() if record.mask else None
    joined = orient_to(join_channels(volumes), record.grid)
    if joined.shape != record.shape:
        raise ProjectError(
            f"{paths[0]} now has the grid {joined.shape}, but {project.name} was made from {record.shape}; "
            "put the old file back or start a new project."
        )
    placed = _placed(project, joined, record)
    if mask is not None:
        if Path(str(record.mask)).parts[0] == VOLUMES:  # it was in memory, beside the volume
            mask = replace(record.grid, channels=mask.channels, name=mask.name, sources=mask.sources)
        mask = align_to_corrected(mask, lambda: joined, placed)
    return Specimen(placed, mask, record.box)


def _placed(project: Path, volume: Volume, record: SpecimenRecord) -> Volume:
    """A volume from its files in the place that the record says."""
    size = record.voxel_size, record.unit
    # What is kept in the project's own folder says no voxel size, and that is no news to anybody.
    sized = volume if size == (volume.voxel_size, volume.unit) else volume.with_voxel_size(*size)
    return replace(
        sized,
        name=record.name,
        origin=record.origin,
        direction=record.direction or volume.direction,
        originals=tuple(project / file.path for file in record.original_files),
        binning=record.binning,
    )


def _gone(project: Path, record: SpecimenRecord) -> str:
    """What is missing, and what to do if it has moved."""
    gone = missing(project, record.files)
    those = f"{gone[0]} is" if len(gone) == 1 else f"{', '.join(map(str, gone))} are"
    moved = "it has" if len(gone) == 1 else "they have"
    return (
        f"{those} missing; if {moved} moved, name the new place with: hypseg relink {shlex.quote(str(project))} FOLDER"
    )


def input_files(project: Path, records: Iterable[SpecimenRecord]) -> tuple[Path, ...]:
    """What must never be written over: the project's folder, and the volumes and masks that it was made from."""
    places = [file.existing(project) for record in records for file in (*record.files, *record.original_files)]
    return (project, *dict.fromkeys(path for paths in places for path in paths))


def _write(project: Path, folder: Path, name: str, array: LazyArray) -> tuple[str, str]:
    """Write one array into `folder`, which is or becomes that of the project.

    Gives the path from the project's folder on, and the SHA-256 of the file.
    """
    relative = Path(VOLUMES) / name
    while (folder / relative).exists():  # of an older project here, and perhaps a source of this one
        relative = relative.with_stem(f"{relative.stem}-new")
    with replacing(folder / relative, called=project / relative) as fresh:
        digest = write_npy(fresh, array)
    return relative.as_posix(), digest
