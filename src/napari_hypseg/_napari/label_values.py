"""Whether whole numbers are labels rather than grey values, where a file does not say so."""

import re
from pathlib import Path

import numpy as np
from napari.layers import Image

from napari_hypseg._napari.voxel_sample import voxel_sample
from napari_hypseg.volumes.volume import LazyArray, Volume

FEW = 64
"""More different values than this are grey values."""
LABEL_WORDS = frozenset(
    {"label", "labels", "labelmap", "mask", "masks", "seg", "segmentation", "dseg", "aseg", "aparc"}
)
"""What neuroimaging and its BIDS standard call files of labels."""
SUFFIXES = (".nii", ".nii.gz")


def has_few_values(channel: LazyArray) -> bool:
    """Whether `channel` (z, y, x) holds whole numbers from 0 of which there are few, as far as a sample shows."""
    if np.dtype(channel.dtype).kind not in "iubf":
        return False
    values = np.unique(voxel_sample(channel))
    return len(values) <= FEW and bool((values >= 0).all() and (values == np.floor(values)).all())


def looks_like_mask(layer: Image) -> bool:
    """Whether an image layer is a volume of few whole numbers, whose voxels above 0 may count as a mask."""
    return layer.ndim == 3 and not layer.rgb and has_few_values(layer.data[0] if layer.multiscale else layer.data)


def is_named_as_labels(volume: Volume) -> bool:
    """Whether it is one NIfTI file whose name says labels: most programs write labels to NIfTI without marking them."""
    if len(volume.sources) != 1 or not volume.sources[0].name.lower().endswith(SUFFIXES):
        return False
    return bool(LABEL_WORDS.intersection(re.split(r"[^a-z]+", Path(volume.sources[0]).name.lower())))
