"""A volume as napari layers: images, one a channel, or labels where the file says that it holds labels."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_hypseg._napari.layer_transform import placement_keywords
from napari_hypseg._napari.lazy_level import LazyLevel
from napari_hypseg._napari.metadata_keys import BINNING, CHANNEL, DIRECTION, ORIGINALS, SOURCE, VOLUME_METADATA
from napari_hypseg._napari.voxel_statistics import contrast_limits, has_few_values, is_named_as_labels
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.chunk_cache import ChunkMemory
from napari_hypseg.volumes.levels import image_levels
from napari_hypseg.volumes.volume import LazyArray, Vector3, Volume

if TYPE_CHECKING:
    from napari.utils.colormaps import DirectLabelColormap

LayerTuple = tuple[Any, dict[str, Any], str]
CHANNEL_COLORMAPS = ("green", "magenta", "cyan", "yellow", "red", "blue")
UNNAMED_COLOUR = (0.6, 0.6, 0.6, 1.0)


def volume_layers(volume: Volume, visible: bool = True) -> list[LayerTuple]:
    """Layers of a volume, with voxel size, unit and origin as scale, units and translate."""
    return [labels_layer(volume, visible)] if holds_labels(volume) else image_layers(volume, visible)


def holds_labels(volume: Volume) -> bool:
    """Whether the file marks its voxels as labels; numbers that merely look like labels stay an image.

    NIfTI masks are seldom marked: there the name counts too, where there are few values.
    """
    if np.dtype(volume.channels[0].dtype).kind not in "iu" or len(volume.channels) > 1:
        return False
    return bool(volume.metadata.get("labels")) or (is_named_as_labels(volume) and has_few_values(volume.channels[0]))


def image_layers(volume: Volume, visible: bool = True) -> list[LayerTuple]:
    """One image layer a channel, multiscale where it is large; several are added up in different colours."""
    count, memory = len(volume.channels), ChunkMemory()
    layers: list[LayerTuple] = []
    for number, (channel, name) in enumerate(zip(volume.channels, _names(volume), strict=True)):
        levels = _levels(channel, volume.voxel_size, memory)
        keywords: dict[str, Any] = {
            "name": name,
            "contrast_limits": contrast_limits(channel),
            "multiscale": bool(levels),
            "metadata": {**_metadata(volume), CHANNEL: (number, count)},
            "visible": visible,
            **placement_keywords(volume.voxel_size, volume.unit, volume.origin),
        }
        if count > 1:
            colormap = CHANNEL_COLORMAPS[number % len(CHANNEL_COLORMAPS)]
            keywords |= {"blending": "additive", "colormap": colormap}
        layers.append((levels or channel, keywords, "image"))
    return layers


def _levels(channel: LazyArray, voxel_size: Vector3, memory: ChunkMemory) -> list[LazyLevel]:
    """Levels of a large channel, none of another."""
    levels = image_levels(channel, voxel_size, memory)
    return [LazyLevel(level) for level in levels] if len(levels) > 1 else []


def labels_layer(volume: Volume, visible: bool = True) -> LayerTuple:
    """A labels layer of the first channel, with the names and colours that the volume's metadata hold."""
    keywords: dict[str, Any] = {
        "name": volume.name,
        "multiscale": False,
        "metadata": _metadata(volume),
        "visible": visible,
        **placement_keywords(volume.voxel_size, volume.unit, volume.origin),
    }
    names: Mapping[int, str] = volume.metadata.get("names") or {}
    if names:
        keywords["features"] = {"index": list(names), "name": list(names.values())}
    colours: Mapping[int, tuple[float, ...]] = volume.metadata.get("colours") or {}
    if colours:
        keywords["colormap"] = _colormap(colours)
    return volume.channels[0], keywords, "labels"


def _metadata(volume: Volume) -> dict[str, Any]:
    sources = {SOURCE: tuple(str(source) for source in volume.sources)} if volume.sources else {}
    return {
        **sources,
        **origin_marks(volume.originals, volume.binning),
        VOLUME_METADATA: dict(volume.metadata),
        DIRECTION: volume.direction,
    }


def origin_marks(originals: Sequence[Path], binning: Index3) -> dict[str, Any]:
    """What a layer remembers of the files that its voxels were computed from."""
    return {ORIGINALS: tuple(map(str, originals)), BINNING: binning} if binning != (1, 1, 1) or originals else {}


def _names(volume: Volume) -> list[str]:
    """A name for each channel: that of its file if each has its own, otherwise with its number."""
    count = len(volume.channels)
    if count == 1:
        return [volume.name]
    stems = [Path(source).name.split(".")[0] for source in volume.sources]
    if len(set(stems)) == count:
        return stems
    return [f"{volume.name} {number}" for number in range(1, count + 1)]


def _colormap(colours: Mapping[int, tuple[float, ...]]) -> "DirectLabelColormap":
    from napari.utils.colormaps import DirectLabelColormap

    known: dict[int | None, tuple[float, ...]] = {0: (0.0,) * 4, None: UNNAMED_COLOUR}
    known.update(dict(colours.items()))
    return DirectLabelColormap(color_dict=known)
