"""Labels as OME-Zarr (NGFF 0.5): a group ``labels/NAME`` as the specification wants it.

The specification keeps labels inside the image they belong to. An export has no image to sit in, so the outer group
shows the labels' own array as its image: whatever opens the folder, as an image or as labels, finds them.
"""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.io.labels import LabelImage
from napari_hypseg.io.units import is_length
from napari_hypseg.jobs import Job, Progress

VERSION = "0.5"
CHUNK = 64
GREY = (0.5, 0.5, 0.5, 1.0)
MARK = "napari-hypseg"
"""Attribute of the outer group by which an export is known and may be replaced by a newer one."""


def write_labels(path: Path, image: LabelImage) -> Job[None]:
    """Write labels chunk row by chunk row, 64 voxels an edge, compressed with zstd."""
    import zarr
    from zarr.codecs import ZstdCodec

    dtype = image.unsigned()
    name = re.sub(r"(\.ome)?\.zarr$", "", path.name, flags=re.IGNORECASE) or "regions"
    root = zarr.open_group(path, mode="w", zarr_format=3)
    root.attrs.update({"ome": _image(name, f"labels/{name}/0", image), MARK: {"kind": "labels"}})
    labels = root.create_group("labels")
    labels.attrs["ome"] = {"version": VERSION, "labels": [name]}
    group = labels.create_group(name)
    group.attrs["ome"] = _image(name, "0", image) | {"image-label": _image_label(image)}
    array = group.create_array(
        "0",
        shape=image.shape,
        dtype=dtype,
        chunks=tuple(min(CHUNK, n) for n in image.shape),
        compressors=ZstdCodec(),
        dimension_names=["z", "y", "x"],
    )
    depth, height, _ = image.shape
    rows = -(-height // CHUNK)
    for z in range(0, depth, CHUNK):
        for row in range(rows):
            strip = (slice(z, z + CHUNK), slice(row * CHUNK, (row + 1) * CHUNK), slice(None))
            array[strip] = np.asarray(image.data[strip], dtype=dtype)
            yield Progress("export", min(depth, z + CHUNK * (row + 1) / rows), depth)


def is_export(path: Path) -> bool:
    """Whether the folder `path` is labels this project wrote."""
    try:
        return MARK in json.loads((path / "zarr.json").read_text())["attributes"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _image(name: str, array: str, image: LabelImage) -> dict[str, Any]:
    unit = {"unit": image.unit} if is_length(image.unit) else {}
    place = [
        {"type": "scale", "scale": list(image.voxel_size)},
        {"type": "translation", "translation": list(image.origin)},
    ]
    multiscale = {
        "name": name,
        "axes": [{"name": axis, "type": "space", **unit} for axis in "zyx"],
        "datasets": [{"path": array, "coordinateTransformations": place}],
    }
    return {"version": VERSION, "multiscales": [multiscale]}


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
