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
from napari_hypseg.jobs import Job
from napari_hypseg.storage.file_names import DESKTOP
from napari_hypseg.storage.json_text import read_json
from napari_hypseg.volumes import Volume
from napari_hypseg.volumes.units import is_length

VERSION = "0.5"
NODE, CHUNKS = "zarr.json", "c"
"""Names of the metadata of a group or array, and of the folder of an array's chunks."""
MARK = "napari-hypseg"
"""Attribute of the outer group by which an export is known and may be replaced by a newer one."""


def write_volume(path: Path, volume: Volume) -> Job[None]:
    """Write channels of one type at their full resolution, a channel alone as (z, y, x) and several as (c, z, y, x)."""
    channels, single = volume.channels, len(volume.channels) == 1
    name = image_name(path) or "image"
    leads: list[tuple[int, ...]] = [()] if single else [(c,) for c in range(len(channels))]
    root = open_root(path, multiscale(name, "0", volume, len(leads[0])), "image")
    shape = volume.shape if single else (len(channels), *volume.shape)
    yield from write_chunk_rows(create_array(root, shape, channels[0].dtype), channels, leads, "save")


def is_export(path: Path) -> bool:
    """Whether the folder `path` was written by this project, and nothing else was put into it since."""
    try:
        attributes = read_json(path / NODE)["attributes"]
        array = PurePosixPath(attributes["ome"]["multiscales"][0]["datasets"][0]["path"])
        return MARK in attributes and not any(_foreign(path, array))
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return False


def _foreign(folder: Path, array: PurePosixPath) -> Iterator[Path]:
    """Files in an export, whose array lies at `array`, that are neither its chunks nor its metadata."""
    nodes = {folder / part for part in (array, *array.parents)}
    for here, folders, files in os.walk(folder):
        at = Path(here)
        if at == folder / array and CHUNKS in folders:
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


def multiscale(name: str, array: str, place: SpatialGrid, lead: int = 0) -> dict[str, Any]:
    """NGFF attributes of an image of one level: the array at the path `array`, with `lead` axes of channels."""
    unit = {"unit": place.unit} if is_length(place.unit) else {}
    axes = [{"name": "c", "type": "channel"}] * lead + [{"name": axis, "type": "space", **unit} for axis in "zyx"]
    steps = [
        {"type": "scale", "scale": [1.0] * lead + list(place.voxel_size)},
        {"type": "translation", "translation": [0.0] * lead + list(place.origin)},
    ]
    image = {"name": name, "axes": axes, "datasets": [{"path": array, "coordinateTransformations": steps}]}
    return {"version": VERSION, "multiscales": [image]}


def create_array(group: Any, shape: Sequence[int], dtype: np.dtype[Any]) -> Any:
    """An array ``"0"`` in chunks of 64 voxels an edge and one channel, compressed with zstd."""
    from zarr.codecs import ZstdCodec

    chunks = [1] * (len(shape) - 3) + [min(CHUNK, n) for n in shape[-3:]]
    names = ["c", "z", "y", "x"][-len(shape) :]
    return group.create_array(
        "0", shape=tuple(shape), dtype=dtype, chunks=tuple(chunks), compressors=ZstdCodec(), dimension_names=names
    )


GREY = (0.5, 0.5, 0.5, 1.0)


def write_labels(path: Path, image: LabelImage) -> Job[None]:
    """Write labels chunk row by chunk row."""
    name = image_name(path) or "regions"
    root = open_root(path, multiscale(name, f"labels/{name}/0", image), "labels")
    labels = root.create_group("labels")
    labels.attrs["ome"] = {"version": VERSION, "labels": [name]}
    group = labels.create_group(name)
    group.attrs["ome"] = multiscale(name, "0", image) | {"image-label": _image_label(image)}
    array = create_array(group, image.shape, image.unsigned())
    yield from write_chunk_rows(array, [image.data], [()], "export")


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
