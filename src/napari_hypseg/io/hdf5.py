"""HDF5 files as ilastik, PlantSeg, Fiji and many others write them: volumes and labels as data sets of a name."""

from pathlib import Path
from typing import Any

from napari_hypseg.io import content, hdf5_axes, hdf5_datasets, hdf5_write, image_axes
from napari_hypseg.io.format import Format
from napari_hypseg.io.hdf5_array import Hdf5Array
from napari_hypseg.io.hdf5_trial import open_file
from napari_hypseg.io.inner_path import split_inner_path
from napari_hypseg.io.record import KEY, read_record
from napari_hypseg.io.voxel_size import settle
from napari_hypseg.storage.reading import reading
from napari_hypseg.volumes import Volume


def read(path: Path) -> Volume:
    """Open ``FILE.h5/NAME``, or the only volume of ``FILE.h5``; the file is not kept open."""
    file, inner = split_inner_path(path)
    with open_file(file, inner) as opened:
        return _read(file, hdf5_datasets.find_dataset(file, opened, inner))


def dataset_paths(path: Path) -> tuple[Path, ...]:
    """The volumes in the HDF5 file `path`, each as it can be opened.

    Raises
    ------
    InputError
        If it is no HDF5 file.
    """
    with reading(path, FORMAT.title), open_file(path) as opened:
        return tuple(path / one.name.lstrip("/") for one in hdf5_datasets.volumes_in(opened))


def _read(path: Path, dataset: Any) -> Volume:
    dtype = hdf5_datasets.numbers_of(path, dataset)
    content.check_dtype(path, dtype)
    shape = tuple(map(int, dataset.shape or ()))
    layout = image_axes.layout_of(path, hdf5_axes.letters_of(dataset), shape)
    hdf5_datasets.check_storage(path, dataset)
    channels = tuple(
        Hdf5Array(path, dataset.name, dtype, shape, layout.axes, lead, dataset.chunks) for lead in layout.leads
    )
    place = hdf5_axes.place_of(dataset)
    size, unit, notes = settle(path, place.voxel_size, place.unit)
    record = hdf5_axes.attribute(dataset, KEY)
    metadata = read_record(record) if isinstance(record, str | bytes) else {}
    return Volume(channels, size, unit, place.origin if size == place.voxel_size else hdf5_axes.NO_SHIFT,
                  notes=notes, metadata=metadata)  # fmt: skip


FORMAT = Format(
    name="hdf5",
    title="HDF5 file",
    suffixes=(".h5", ".hdf5", ".hdf"),
    read=read,
    write_labels=hdf5_write.write_labels,
    write_volume=hdf5_write.write_volume,
    holds_channels=True,
    datasets=dataset_paths,
    written=(".h5", ".hdf5"),
)
