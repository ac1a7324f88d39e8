"""Writing of OME-Zarr images and labels (NGFF 0.5).

Labels lie in a group ``labels/NAME``. The specification keeps them inside the image they belong to; an export has no
image to sit in, so the outer group shows the array of the labels as its image: programs that open the folder as an
image or as labels both find them.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.io.spatial_grid import SpatialGrid
from napari_hypseg.io.streaming import CHUNK, write_chunk_rows
from napari_hypseg.io.zarr.pyramid import level_shapes, write_levels
from napari_hypseg.jobs import Job
from napari_hypseg.storage.file_names import DESKTOP
from napari_hypseg.storage.json_text import read_json
from napari_hypseg.volumes import Volume
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.cells import cell_edges, commonest, mean_of_cells
from napari_hypseg.volumes.units import is_length

VERSION = "0.5"
NODE, CHUNKS = "zarr.json", "c"
"""Names of the metadata of a group or array, and of the folder of an array's chunks."""
MARK = "napari-hypseg"
"""Attribute of the outer group by which an export is known and may be replaced by a newer one."""


def write_volume(path: Path, volume: Volume) -> Job[None]:
    """Write channels of one type, a channel alone as (z, y, x) and several as (c, z, y, x), with coarser levels."""
    channels, single = volume.channels, len(volume.channels) == 1
    name = image_name(path) or "image"
    leads: list[tuple[int, ...]] = [()] if single else [(c,) for c in range(len(channels))]
    cells = cell_edges(volume.shape, volume.voxel_size)
    root = open_root(path, multiscale(name, "", volume, cells, len(leads[0])), "image")
    shape = volume.shape if single else (len(channels), *volume.shape)
    arrays = create_levels(root, shape, cells, channels[0].dtype)
    finest = write_chunk_rows(arrays[0], channels, leads, "save")
    yield from write_levels(arrays, cells, leads, mean_of_cells, finest)


def is_export(path: Path) -> bool:
    """Whether the folder `path` was written by this project, and nothing else was put into it since."""
    try:
        attributes = read_json(path / NODE)["attributes"]
        levels = attributes["ome"]["multiscales"][0]["datasets"]
        arrays = [PurePosixPath(level["path"]) for level in levels]
        return MARK in attributes and not any(_foreign(path, arrays))
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return False


def _foreign(folder: Path, arrays: Sequence[PurePosixPath]) -> Iterator[Path]:
    """Files in an export, whose levels lie at `arrays`, that are neither their chunks nor its metadata."""
    levels = {folder / array for array in arrays}
    nodes = levels | {folder / part for array in arrays for part in array.parents}
    for here, folders, files in os.walk(folder):
        at = Path(here)
        if at in levels and CHUNKS in folders:
            folders.remove(CHUNKS)
        yield from (at / name for name in files if name not in DESKTOP and not (name == NODE and at in nodes))
        yield from (at / name for name in folders if (at / name).is_symlink())


def image_name(path: Path) -> str:
    """Name of a folder without its ending."""
    return re.sub(r"(\.ome)?\.zarr$", "", path.name, flags=re.IGNORECASE)


def open_root(path: Path, attributes: dict[str, Any], kind: str) -> Any:
    """A new group at `path` with NGFF `attributes` and the mark of this project."""
    import zarr

    root = zarr.create_group(path, overwrite=True, zarr_format=3)
    root.attrs.update({"ome": attributes, MARK: {"kind": kind}})
    return root


def multiscale(name: str, folder: str, place: SpatialGrid, cells: Sequence[Index3], lead: int = 0) -> dict[str, Any]:
    """NGFF attributes of an image whose levels are the arrays ``0``, ``1``, … in `folder`.

    Parameters
    ----------
    name
        Of the image.
    folder
        Path of the levels in the group, empty or with a slash at its end.
    place
        Where the image lies.
    cells
        Voxels (z, y, x) of a cell of each level but the finest.
    lead
        Axes of channels.
    """
    unit = {"unit": place.unit} if is_length(place.unit) else {}
    axes = [{"name": "c", "type": "channel"}] * lead + [{"name": axis, "type": "space", **unit} for axis in "zyx"]
    levels = [
        {"path": f"{folder}{level}", "coordinateTransformations": _placement(place, cell, lead)}
        for level, cell in enumerate([(1, 1, 1), *cells])
    ]
    return {"version": VERSION, "multiscales": [{"name": name, "axes": axes, "datasets": levels}]}


def _placement(place: SpatialGrid, cell: Index3, lead: int) -> list[dict[str, Any]]:
    """Edges of a cell, and where the middle of the first one lies."""
    both = list(zip(place.voxel_size, cell, strict=True))
    middles = [start + edge * (n - 1) / 2 for start, (edge, n) in zip(place.origin, both, strict=True)]
    return [
        {"type": "scale", "scale": [1.0] * lead + [edge * n for edge, n in both]},
        {"type": "translation", "translation": [0.0] * lead + middles},
    ]


def create_levels(group: Any, shape: Sequence[int], cells: Sequence[Index3], dtype: np.dtype[Any]) -> list[Any]:
    """Arrays ``"0"``, ``"1"``, … in chunks of 64 voxels an edge and one channel, compressed with zstd."""
    from zarr.codecs import ZstdCodec

    names = ["c", "z", "y", "x"][-len(shape) :]
    return [
        group.create_array(
            str(level),
            shape=grid,
            dtype=dtype,
            chunks=tuple([1] * (len(grid) - 3) + [min(CHUNK, n) for n in grid[-3:]]),
            compressors=ZstdCodec(),
            dimension_names=names,
        )
        for level, grid in enumerate(level_shapes(shape, cells))
    ]


GREY = (0.5, 0.5, 0.5, 1.0)


def write_labels(path: Path, image: LabelImage) -> Job[None]:
    """Write labels chunk row by chunk row, with coarser levels of the commonest label of each cell."""
    name = image_name(path) or "regions"
    cells = cell_edges(image.shape, image.voxel_size)
    root = open_root(path, multiscale(name, f"labels/{name}/", image, cells), "labels")
    labels = root.create_group("labels")
    labels.attrs["ome"] = {"version": VERSION, "labels": [name]}
    group = labels.create_group(name)
    group.attrs["ome"] = multiscale(name, "", image, cells) | {"image-label": _image_label(image)}
    arrays = create_levels(group, image.shape, cells, image.unsigned())
    finest = write_chunk_rows(arrays[0], [image.data], [()], "export")
    yield from write_levels(arrays, cells, [()], commonest, finest)


def _image_label(image: LabelImage) -> dict[str, Any]:
    """Colours and names; where there are colours, the specification wants one for each region that has a name."""
    regions = sorted(map(int, {*image.colours, *image.names}))
    colours = {region: [round(255 * float(part)) for part in image.colours.get(region, GREY)] for region in regions}
    names = {int(region): {"name": name} for region, name in image.names.items()}
    record: dict[str, Any] = {"version": VERSION, "source": {"image": "../../"}}
    if image.colours:
        record["colors"] = [{"label-value": region, "rgba": rgba} for region, rgba in colours.items()]
    if image.names:
        record["properties"] = [{"label-value": region, **names.get(region, {})} for region in regions]
    return record
