"""Volumes: lazy arrays with a place in the world, boxes, blocks and phantoms."""

from napari_hypseg.volumes.alignment import align_to, join_channels
from napari_hypseg.volumes.blocks import Block, align, block_at, block_starts, even_edge, iter_blocks, read_mirrored
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
    "align",
    "align_to",
    "block_at",
    "block_starts",
    "even_edge",
    "iter_blocks",
    "join_channels",
    "read_mirrored",
]
