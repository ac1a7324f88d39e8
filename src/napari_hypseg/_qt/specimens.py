"""From ticked layers to specimens: what is learned from, and where the work on it is kept."""

import os
from collections.abc import Sequence
from pathlib import Path

from napari.layers import Image, Labels
from qtpy.QtCore import QStandardPaths

from napari_hypseg._napari.layers import mask_from_layer, volume_from_layers
from napari_hypseg._napari.marks import SOURCE
from napari_hypseg._qt.project_view import project_of
from napari_hypseg.errors import InputError
from napari_hypseg.volumes import Box, Specimen, Volume

SUFFIX = ".hypseg"


def unfit(layer: Image) -> str | None:
    """Why a layer is nothing to learn from, None if it is, as far as that is seen at once."""
    if layer.rgb:
        return "a colour picture; split it into its channels first."
    return None if layer.ndim == 3 else f"it has {layer.ndim} axes and a volume has three (z, y, x)."


def specimens_of(
    groups: Sequence[Sequence[Image]], masks: Labels | Sequence[Volume | None] | None, box: Box | None
) -> list[Specimen]:
    """One specimen for each group of layers, which are its channels.

    Parameters
    ----------
    masks
        A layer that restricts every specimen, or a mask for each, or None.

    Raises
    ------
    InputError
        If a layer is no volume, or grids differ where they must not.
    """
    volumes = [volume_from_layers(layers) for layers in groups]
    if masks is None:
        return [Specimen(volume, None, box) for volume in volumes]
    if isinstance(masks, Labels):
        masks = [mask_from_layer(masks, volume) for volume in volumes]
    if len(masks) != len(volumes):
        raise InputError(f"The project has {len(masks)} specimens but {len(volumes)} are ticked; choose another mask.")
    return [Specimen(volume, mask, box) for volume, mask in zip(volumes, masks, strict=True)]


def alike(first: Specimen, second: Specimen) -> bool:
    """Whether two specimens hold the same voxels at the same place; only a mask's voxels count, not its place."""
    volumes = (first.volume, second.volume)
    masks = [None if s.mask is None else Volume(s.mask.channels).fingerprint for s in (first, second)]
    return first.box == second.box and len({v.fingerprint for v in volumes}) == 1 and masks[0] == masks[1]


def folder_for(layers: Sequence[Image]) -> Path:
    """Where to keep the work on `layers`: their project, or beside their file, or among the person's documents."""
    documents = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    if not layers:
        return documents / f"untitled{SUFFIX}"
    if (project := project_of(layers[0])) is not None:
        return project
    name = "".join(char if char.isalnum() or char in " -_." else "_" for char in layers[0].name).strip(" .") or "volume"
    source = next(iter(layers[0].metadata.get(SOURCE, ())), layers[0].source.path)
    beside = None if source is None else Path(source).absolute().parent
    return (beside if beside is not None and os.access(beside, os.W_OK) else documents) / f"{name}{SUFFIX}"
