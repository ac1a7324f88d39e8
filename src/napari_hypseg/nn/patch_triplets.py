"""Patches of parents, positive and negative children, cut from crops (Hsu et al. 2021, section 4.3).

In a crop that is too small for the published sizes, the sizes are limited so that a child fits beside the parent.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from napari_hypseg.volumes.box import Box, Index3

EDGE = 10
"""Edge of a patch as the network sees it, in voxels."""
PARENT_EDGES = (5, 35)
"""Range of the edges of parents, half open."""
CHILD_EDGES = (3, 15)
"""Range of the edges of children, half open; a child is smaller than its parent by 2 voxels at least."""


def draw_triplets(x: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """One whole, one part of it and one part elsewhere from each crop of `x` (b, c, z, y, x).

    Parameters
    ----------
    x
        Crops with edges of 8 voxels at least.
    generator
        Source of randomness.

    Returns
    -------
    (b, c, 10, 10, 10) each: parents, positive children, negative children.
    """
    seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
    random = np.random.default_rng(seed)
    z, y, w = x.shape[2:]
    places = [place_triplet((z, y, w), random) for _ in x]
    parents, children, negatives = (
        torch.cat([resize_patches(crop[None, :, *box.slices]) for crop, box in zip(x, boxes, strict=True)])
        for boxes in zip(*places, strict=True)
    )
    return parents, children, negatives


def place_triplet(shape: Index3, random: np.random.Generator) -> tuple[Box, Box, Box]:
    """Cubes in a grid of `shape` (z, y, x): a whole, a part inside it, a part of that size that does not overlap it."""
    shortest = min(shape)
    whole = int(random.integers(PARENT_EDGES[0], min(PARENT_EDGES[1], shortest - CHILD_EDGES[0] + 1)))
    part = int(random.integers(CHILD_EDGES[0], min(CHILD_EDGES[1], whole - 1, shortest - whole + 1)))
    parent = random.integers(0, np.subtract(shape, whole), endpoint=True)
    negative = random.integers(0, np.subtract(shape, part), endpoint=True)
    axis = int(random.integers(3))
    parent[axis], negative[axis] = _apart(shape[axis], whole, part, random)
    child = parent + random.integers(0, whole - part, size=3, endpoint=True)
    return _cube(parent, whole), _cube(child, part), _cube(negative, part)


def _apart(length: int, whole: int, part: int, random: np.random.Generator) -> tuple[int, int]:
    """Where a whole and a part begin on a line of `length`, in either order, so that they do not overlap."""
    first, second = sorted(random.integers(0, length - whole - part, size=2, endpoint=True).tolist())
    return (first, second + whole) if random.random() < 0.5 else (second + part, first)


def _cube(corner: npt.NDArray[Any], edge: int) -> Box:
    z, y, x = corner.tolist()
    return Box((z, y, x), (z + edge, y + edge, x + edge))


def resize_patches(patches: Tensor) -> Tensor:
    """Patches (n, c, z, y, x) of any size as (n, c, 10, 10, 10), trilinear."""
    return functional.interpolate(patches, size=(EDGE,) * 3, mode="trilinear", align_corners=False)
