"""Whether one project can be applied to a volume: same channels, same resolution, something named."""

from napari_hypseg.errors import InputError, ProjectError
from napari_hypseg.methods.registry import methods
from napari_hypseg.pipeline.apply import named_segmentation
from napari_hypseg.project.project import Project
from napari_hypseg.project.records import SpecimenRecord
from napari_hypseg.structures.length_units import unit_symbol
from napari_hypseg.volumes.binning import binned
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.units import METERS
from napari_hypseg.volumes.volume import Vector3, Volume

TOLERANCE = 0.05
"""Relative difference of voxel edges up to which volumes count as equally fine."""


def check_named(source: Project) -> None:
    """Make sure that a project has anything to apply.

    Raises
    ------
    ProjectError
        If it has no regions, no model, or no structure.
    """
    named_segmentation(source)
    method = methods().get(source.settings.method)
    if method is not None and method.classes(method.settings.check(source.settings.model)):
        raise ProjectError(
            f"The structures of {source.path.name} are those that its method {method.name} knows beforehand; run that "
            "method on the other volumes, too."
        )
    if not source.has_checkpoint:
        raise ProjectError(f"{source.path.name} has no trained model any more; learn again to apply it.")
    if source.structures is None or not source.structures.annotation.structures:
        raise ProjectError(f"{source.path.name} names nothing yet; make structures of its regions in the window first.")


def as_learned(source: Project, specimen: Specimen) -> Specimen:
    """A specimen at the resolution that `source` has learned at, if it is like those of `source`.

    Raises
    ------
    InputError
        If it has other channels or another voxel size.
    """
    from napari_hypseg.training.checkpoint import load_checkpoint

    record, wanted = source.records[0], load_checkpoint(source.store.checkpoint_file).recipe.n_channels
    specimen = binned(specimen, record.binning) if max(record.binning) > 1 else specimen
    volume = specimen.volume
    if len(volume.channels) != wanted:
        raise InputError(
            f"{volume.name} has {_counted(len(volume.channels))} but {source.path.name} was learned from "
            f"{_counted(wanted)}; give the same ones, in the same order, joined by +."
        )
    if not any(_equally_fine(volume, one) for one in source.records):
        raise InputError(
            f"The voxels of {volume.name} are {_edges(volume.voxel_size, volume.unit)} but those of "
            f"{source.path.name} {_edges(record.voxel_size, record.unit)} (z, y, x); resample it, or put the size "
            "right if the file is wrong.",
            setting="voxel_size",
        )
    return specimen


def _counted(channels: int) -> str:
    return "one channel" if channels == 1 else f"{channels} channels"


def _equally_fine(volume: Volume, record: SpecimenRecord) -> bool:
    """Whether voxels are as large as those of a specimen, to within `TOLERANCE`; unknown sizes only match unknown."""
    if (volume.unit in METERS) != (record.unit in METERS):
        return False
    one, other = METERS.get(volume.unit, 1.0), METERS.get(record.unit, 1.0)
    pairs = zip(volume.voxel_size, record.voxel_size, strict=True)
    return all(abs(a * one - b * other) <= TOLERANCE * b * other for a, b in pairs)


def _edges(voxel_size: Vector3, unit: str) -> str:
    return f"{'×'.join(f'{edge:.4g}' for edge in voxel_size)} {unit_symbol(unit)}"
