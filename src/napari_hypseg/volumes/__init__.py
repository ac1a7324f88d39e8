"""Volumes: lazy arrays with a place in the world, boxes, blocks and phantoms."""

from napari_hypseg.volumes.alignment import align_to, join_channels
from napari_hypseg.volumes.blocks import (
    Block,
    align_to_stride,
    balanced_edge,
    block_at,
    block_starts,
    iter_blocks,
    read_with_mirror_padding,
)
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import Direction, LazyArray, Vector3, Volume, VoxelSizeNote

__all__ = [
    "Block",
    "Box",
    "Direction",
    "Index3",
    "LazyArray",
    "Specimen",
    "Vector3",
    "Volume",
    "VoxelSizeNote",
    "align_to",
    "align_to_stride",
    "balanced_edge",
    "block_at",
    "block_starts",
    "iter_blocks",
    "join_channels",
    "read_with_mirror_padding",
]
