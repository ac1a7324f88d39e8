"""HDF5 files as ilastik, PlantSeg, Fiji and many others write them: volumes and labels as data sets of a name."""

from pathlib import Path
from typing import Any

from napari_hypseg.io import axis_layout, validation
from napari_hypseg.io.hdf5 import datasets, spatial_metadata
from napari_hypseg.io.hdf5.array import Hdf5Array
from napari_hypseg.io.hdf5.probe import open_file
from napari_hypseg.io.label_metadata import KEY, label_metadata_from_json
from napari_hypseg.io.volume_paths import split_dataset_path
from napari_hypseg.io.voxel_size import validate_voxel_size
from napari_hypseg.storage.reading import reading
from napari_hypseg.volumes import Volume


def read(path: Path) -> Volume:
    """Open ``FILE.h5/NAME``, or the only volume of ``FILE.h5``; the file is not kept open."""
    file, inner = split_dataset_path(path)
    with open_file(file, inner) as opened:
        return _read(file, datasets.find_dataset(file, opened, inner))


def dataset_paths(path: Path) -> tuple[Path, ...]:
    """The volumes in the HDF5 file `path`, each as it can be opened.

    Raises
    ------
    InputError
        If it is no HDF5 file.
    """
    with reading(path, "HDF5 file"), open_file(path) as opened:
        return tuple(path / one.name.lstrip("/") for one in datasets.find_volumes(opened))


def _read(path: Path, dataset: Any) -> Volume:
    dtype = datasets.numeric_dtype(path, dataset)
    validation.check_dtype(path, dtype)
    shape = tuple(map(int, dataset.shape or ()))
    layout = axis_layout.find_axis_layout(path, spatial_metadata.axis_letters(dataset), shape)
    datasets.check_storage(path, dataset)
    channels = tuple(
        Hdf5Array(path, dataset.name, dtype, shape, layout.axes, lead, dataset.chunks) for lead in layout.leads
    )
    place = spatial_metadata.read_placement(dataset)
    size, unit, notes = validate_voxel_size(path, place.voxel_size, place.unit)
    record = spatial_metadata.attribute(dataset, KEY)
    metadata = label_metadata_from_json(record) if isinstance(record, str | bytes) else {}
    return Volume(channels, size, unit, place.origin if size == place.voxel_size else spatial_metadata.NO_SHIFT,
                  notes=notes, metadata=metadata)  # fmt: skip
