"""napari's way out: labels with voxel size, origin and names. Layers of leaf ids arrive here as regions already."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg._napari.marks import DIRECTION, PROJECT, VOLUME_METADATA
from napari_hypseg._napari.region_array import RegionArray
from napari_hypseg._napari.transform import place_of
from napari_hypseg.errors import HypsegError, OutputError
from napari_hypseg.io.labels import LabelImage, Rgba
from napari_hypseg.io.registry import write_labels as write_label_image
from napari_hypseg.io.slabs import READ_PLANES
from napari_hypseg.volumes.volume import LazyArray

Keywords = Mapping[str, Any]
COLOURED = 4096
"""Labels up to this number get their colours written; nobody tells more apart."""


def write_labels(path: str, data: Any, keywords: Keywords) -> list[str]:
    """Write one labels layer; the ending of `path` names the format.

    Parameters
    ----------
    path
        File to write; it appears whole or not at all.
    data, keywords
        The layer as napari hands it over: labels (z, y, x) and the state of the layer.

    Raises
    ------
    OutputError
        If the layer is no volume of positive labels, is rotated or sheared, or the file cannot be written.
    SettingError
        If the ending is none that labels can be written to.
    """
    image = label_image(data[0] if keywords.get("multiscale") else data, keywords)
    return [str(write_label_image(Path(path), image))]


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
        *place_of(keywords, OutputError),
        names=_names(keywords),
        colours=_colours(keywords, highest),
        metadata=metadata.get(VOLUME_METADATA) or {},
        direction=metadata.get(DIRECTION),
        inputs=_inputs(keywords),
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


def _inputs(keywords: Keywords) -> tuple[Path, ...]:
    """What the regions of a project were made from; the labels of a file may be saved in its place."""
    named = (keywords.get("metadata") or {}).get(PROJECT)
    if named is None:
        return ()
    from napari_hypseg.project.project import Project

    try:
        return Project.open(Path(named)).inputs
    except HypsegError:  # it has gone or is damaged: what is left of it stays all the same
        return (Path(named),)


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
