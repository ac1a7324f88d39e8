"""Volumes that somebody has, known labels for instance, in the voxels of a specimen."""

from dataclasses import replace

from napari_hypseg.project.project import Project
from napari_hypseg.project.records import SpecimenRecord
from napari_hypseg.project.sources import as_read
from napari_hypseg.volumes.alignment import align_to_corrected, orient_to
from napari_hypseg.volumes.binning import BinnedArray, BinnedLabels, bin_text, binned_volume
from napari_hypseg.volumes.volume import Volume


def on_specimen_grid(
    volume: Volume, project: Project, specimen: int = 0, kind: type[BinnedArray] = BinnedLabels
) -> Volume:
    """`volume` in the voxels of a specimen, with notes of what was assumed for that.

    One at full resolution is binned, as `kind` does it, where the specimen was.

    Raises
    ------
    InputError
        If it lies on another grid, or there is no such specimen.
    """
    record = project.specimen_record(specimen)
    ordered = orient_to(volume, record.grid)
    if _at_full_resolution(ordered, record):
        note = f"{volume.name} is at full resolution; it is binned by {bin_text(record.binning)}, as {record.name} was."
        binned = binned_volume(ordered, record.binning, kind)
        volume = replace(binned, notes=(note, *binned.notes))
    return align_to_corrected(volume, lambda: as_read(project.path, record), record.grid)


def _at_full_resolution(volume: Volume, record: SpecimenRecord) -> bool:
    """Whether `volume` has the grid that the binned specimen of a record was made from."""
    reduced = tuple(n // factor for n, factor in zip(volume.shape, record.binning, strict=True))
    return volume.shape != record.shape and reduced == tuple(record.shape)
