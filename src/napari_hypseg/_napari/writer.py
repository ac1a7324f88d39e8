"""napari's way out: volumes and labels with voxel size, origin and names.

Layers of leaf ids arrive here as regions already.
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import npe2
import numpy as np

from napari_hypseg._napari.image_writer import write_image
from napari_hypseg._napari.layer_project import project_inputs
from napari_hypseg._napari.layer_transform import placement_from_layer
from napari_hypseg._napari.metadata_keys import DIRECTION, VOLUME_METADATA
from napari_hypseg._napari.region_array import RegionArray
from napari_hypseg.errors import OutputError
from napari_hypseg.io.label_image import LabelImage, Rgba
from napari_hypseg.io.registry import label_formats
from napari_hypseg.io.streaming import READ_PLANES
from napari_hypseg.io.writing import write_labels as write_label_image
from napari_hypseg.volumes.volume import LazyArray

Keywords = Mapping[str, Any]
BUILTIN = "napari."
"""How the commands of napari's own writers begin."""
DEFAULT = ".tif"
COLOURED = 4096
"""Labels up to this number get their colours written."""


def write(kind: str, format_name: str, path: str, data: Any, keywords: Keywords) -> list[str]:
    """Write one layer; the ending of `path` names the format, and where it has none, `format_name` does.

    Endings that only napari's own writers know, and layers that are no volumes, are handed on to those.

    Parameters
    ----------
    kind
        ``"image"`` or ``"labels"``.
    format_name
        Format that the person has chosen in napari's list.
    path
        File to write; it appears whole or not at all.
    data, keywords
        The layer as napari hands it over: voxels (z, y, x) and the state of the layer.

    Raises
    ------
    OutputError
        If the layer is no volume that the format holds, is rotated or sheared, or the file cannot be written.
    """
    ours = any(form.suffix_of(Path(path)) in form.written for form in label_formats())
    if not (ours and _is_volume(data, keywords)) and _is_for_napari(path, kind):
        return npe2.write(path, [(data, dict(keywords), kind)], plugin_name=BUILTIN)
    target = Path(path if ours else path + _usual_ending(format_name))
    return WRITERS[kind](target, data, keywords)


def write_layers(path: str, layers: Sequence[tuple[Any, Keywords, str]]) -> list[str]:
    """Write each of several layers to a file of its own beside `path`: ``NAME_LAYER`` with the ending of `path`.

    Raises
    ------
    OutputError
        If one of the files exists already, since nothing is overwritten without a question, or cannot be written.
    """
    chosen = Path(path)
    ending = next((end for form in label_formats() if (end := form.suffix_of(chosen)) in form.written), "")
    stem = chosen.name[: len(chosen.name) - len(ending)]
    written: list[str] = []
    for data, keywords, kind in layers:
        name = re.sub(r"[^\w .+-]", "_", str(keywords.get("name", kind)))
        target = chosen.with_name(f"{stem}_{name}{(ending or DEFAULT) if kind in WRITERS else '.csv'}")
        if target.exists():
            raise OutputError(f"{target} is there already; choose another name.")
        if kind in WRITERS:
            written += write(kind, "tiff", str(target), data, keywords)
        else:
            written += npe2.write(str(target), [(data, dict(keywords), kind)], plugin_name=BUILTIN)
    return written


def write_labels(path: Path, data: Any, keywords: Keywords) -> list[str]:
    """Write one labels layer; the ending of `path` names the format.

    Raises
    ------
    OutputError
        If the layer is no volume of positive labels, is rotated or sheared, or the file cannot be written.
    SettingError
        If the ending is none that labels can be written to.
    """
    image = label_image(data[0] if keywords.get("multiscale") else data, keywords)
    return [str(write_label_image(path, image))]


WRITERS = MappingProxyType({"image": write_image, "labels": write_labels})
write_image_tiff = partial(write, "image", "tiff")
write_image_mrc = partial(write, "image", "mrc")
write_image_nifti = partial(write, "image", "nifti")
write_image_hdf5 = partial(write, "image", "hdf5")
write_image_ome_zarr = partial(write, "image", "ome-zarr")
write_labels_tiff = partial(write, "labels", "tiff")
write_labels_mrc = partial(write, "labels", "mrc")
write_labels_nifti = partial(write, "labels", "nifti")
write_labels_hdf5 = partial(write, "labels", "hdf5")
write_labels_ome_zarr = partial(write, "labels", "ome-zarr")


def _is_volume(data: Any, keywords: Keywords) -> bool:
    voxels = data[0] if keywords.get("multiscale") else data
    return len(voxels.shape) == 3 and not keywords.get("rgb")


def _is_for_napari(path: str, kind: str) -> bool:
    """Whether one of napari's own writers knows the ending of `path`."""
    writer, _ = npe2.PluginManager.instance().get_writer(path, [kind], BUILTIN)
    return writer is not None and path.lower().endswith(tuple(writer.filename_extensions) or ("/",))


def _usual_ending(format_name: str) -> str:
    return next(form.written[0] for form in label_formats() if form.name == format_name)


def label_image(data: LazyArray, keywords: Keywords) -> LabelImage:
    """What a labels layer shows, in its place, with names from its features and colours from its colormap.

    Raises
    ------
    OutputError
        If the layer is no volume of positive labels, or is rotated or sheared.
    """
    name = keywords.get("name", "labels")
    if len(data.shape) != 3:
        raise OutputError(f"The layer {name} has {len(data.shape)} axes; labels are written as volumes with three.")
    metadata = keywords.get("metadata") or {}
    highest = data.maximum if isinstance(data, RegionArray) else _highest(data, name)
    return LabelImage(
        data,
        highest,
        *placement_from_layer(keywords, OutputError),
        names=_names(keywords),
        colours=_colours(keywords, highest),
        metadata=metadata.get(VOLUME_METADATA) or {},
        direction=metadata.get(DIRECTION),
        inputs=project_inputs(keywords),
    )


def _highest(data: LazyArray, name: str) -> int:
    """Highest label, found a few planes at a time."""
    highest = 0
    for z in range(0, data.shape[0], READ_PLANES):
        planes = np.asarray(data[z : z + READ_PLANES])
        if planes.min(initial=0) < 0:
            raise OutputError(f"The layer {name} holds the label {planes.min()}; give every region a positive number.")
        highest = max(highest, int(planes.max(initial=0)))
    return highest


def _names(keywords: Keywords) -> dict[int, str]:
    """Names from the layer's features: a row per label, or per value of an ``index`` column."""
    features = keywords.get("features")
    if features is None or "name" not in features:
        return {}
    index = features["index"] if "index" in features else range(len(features["name"]))
    pairs = zip(index, features["name"], strict=True)
    return {int(label): name for label, name in pairs if label and isinstance(name, str) and name.strip()}


def _colours(keywords: Keywords, highest: int) -> dict[int, Rgba]:
    colormap = keywords.get("colormap")
    if colormap is None or not 0 < highest <= COLOURED:
        return {}
    rows = np.asarray(colormap.map(np.arange(1, highest + 1)), dtype=float).reshape(-1, 4)
    return {label: (r, g, b, a) for label, (r, g, b, a) in enumerate(rows.tolist(), start=1)}
