"""Specimens whose grey values are their latent points, so that supervoxels are tested without a network."""

from dataclasses import replace

import numpy as np
import torch

from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.inference.batches import make_batches
from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.inference.precomputed_encoder import PrecomputedEncoder
from napari_hypseg.jobs import quietly
from napari_hypseg.supervoxels.features import SupervoxelFeatures, supervoxel_features
from napari_hypseg.supervoxels.tiled_watershed import tiled_watershed
from napari_hypseg.supervoxels.workspace import workspace_in_memory
from napari_hypseg.volumes.lattice import EVERY_VOXEL

FLAT = Euclidean()


def workspace_of(*specimens, lattice=EVERY_VOXEL):
    return workspace_in_memory(encoders_of(*specimens, lattice=lattice))


def encoders_of(*specimens, lattice=EVERY_VOXEL):
    fields = [torch.from_numpy(np.asarray(specimen.volume.channels[0]))[..., None] for specimen in specimens]
    return [
        replace(PrecomputedEncoder.of(points.float(), FLAT, specimen), lattice=lattice)
        for points, specimen in zip(fields, specimens, strict=True)
    ]


def features_of(*specimens, lattice=EVERY_VOXEL):
    encoders, space = encoders_of(*specimens, lattice=lattice), workspace_of(*specimens, lattice=lattice)
    fallback = MemoryFallback(encoders)
    found = quietly(tiled_watershed(fallback, space))
    return found, space, quietly(supervoxel_features(fallback, quietly(make_batches(encoders)), space, found))


def basin_features(sums, specimens, found):
    """Features of all basins of all specimens."""
    parts = [sums.features(i, 0, found[i].count, specimen.region) for i, specimen in enumerate(specimens)]
    return SupervoxelFeatures.concatenated(parts)
