"""From ticked layers to specimens: what is learned from, and where the work on it is kept."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from napari.layers import Image, Labels, Layer
from qtpy.QtCore import QStandardPaths

from napari_hypseg._napari.layer_project import PROJECT_SUFFIX
from napari_hypseg._napari.metadata_keys import SOURCE
from napari_hypseg._napari.volume_from_layers import mask_from_layer, volume_from_layers
from napari_hypseg.errors import InputError
from napari_hypseg.storage.file_names import fitted
from napari_hypseg.volumes import Box, Specimen, Volume


@dataclass(frozen=True, eq=False)
class Choice:
    """What is to be learned from, the layers each specimen comes from, and where the work is kept."""

    specimens: list[Specimen]
    groups: list[list[Image]]
    path: Path


def unfit(layer: Image) -> str | None:
    """Why a layer is nothing to learn from, None if it is, as far as that is seen at once."""
    if layer.rgb:
        return "a colour picture; split it into its channels first."
    return None if layer.ndim == 3 else f"it has {layer.ndim} axes and a volume has three (z, y, x)."


def specimens_of(
    groups: Sequence[Sequence[Image]],
    masks: Labels | Image | Sequence[Volume | None] | None,
    boxes: Sequence[Box | None],
) -> list[Specimen]:
    """One specimen for each group of layers, which are its channels.

    Parameters
    ----------
    masks
        A layer that restricts every specimen, or a mask for each, or None.
    boxes
        The part of each specimen that counts, None for all of it.

    Raises
    ------
    InputError
        If a layer is no volume, or grids differ where they must not.
    """
    volumes = [volume_from_layers(layers) for layers in groups]
    if masks is None:
        return [Specimen(volume, None, box) for volume, box in zip(volumes, boxes, strict=True)]
    if isinstance(masks, Labels | Image):
        masks = [mask_from_layer(masks, volume) for volume in volumes]
    if len(masks) != len(volumes):
        raise InputError(f"The project has {len(masks)} specimens but {len(volumes)} are ticked; choose another mask.")
    return [Specimen(*parts) for parts in zip(volumes, masks, boxes, strict=True)]


def alike(first: Specimen, second: Specimen) -> bool:
    """Whether the same voxels of two specimens count, at the same place; of a mask only its voxels matter."""
    volumes = (first.volume, second.volume)
    masks = [None if s.mask is None else Volume(s.mask.channels).fingerprint for s in (first, second)]
    return first.region == second.region and len({v.fingerprint for v in volumes}) == 1 and masks[0] == masks[1]


def folder_for(layers: Sequence[Image]) -> Path:
    """Where to keep a new project on `layers`."""
    place = place_of_work(layers[0]) if layers else documents() / "untitled"
    return place.with_name(fitted(place.name, PROJECT_SUFFIX))


def place_of_work(layer: Image) -> Path:
    """What is made from a layer is called so, with an ending: beside its file, or among the person's documents."""
    name = "".join(char if char.isalnum() or char in " -_." else "_" for char in layer.name).strip(" .") or "volume"
    source = source_of(layer)
    beside = None if source is None else source.absolute().parent
    return (beside if beside is not None and os.access(beside, os.W_OK) else documents()) / name


def source_of(layer: Image) -> Path | None:
    """The file a layer comes from, None for an array from memory."""
    source = next(iter(layer.metadata.get(SOURCE, ())), layer.source.path)
    return None if source is None else Path(source)


def open_files(layers: Iterable[Layer]) -> list[Path]:
    """The files of all images that are open, whoever opened them; nothing is written over them."""
    images = [layer for layer in layers if isinstance(layer, Image)]
    named = [name for layer in images for name in (*layer.metadata.get(SOURCE, ()), layer.source.path) if name]
    return [Path(name) for name in dict.fromkeys(map(str, named))]


def documents() -> Path:
    """Folder of the person's documents."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
