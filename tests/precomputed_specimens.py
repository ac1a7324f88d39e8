"""Specimens whose grey values are their latent points, so that supervoxels are tested without a network."""

import numpy as np
import torch

from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.inference.batches import make_batches
from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.inference.precomputed_encoder import PrecomputedEncoder
from napari_hypseg.jobs import quietly
from napari_hypseg.supervoxels.features import SupervoxelFeatures, supervoxel_features
from napari_hypseg.supervoxels.tiled_watershed import tiled_watershed
from napari_hypseg.supervoxels.workspace import Workspace

FLAT = Euclidean()


def workspace_of(*specimens):
    shapes = [specimen.volume.shape for specimen in specimens]
    return Workspace(*([np.zeros(shape, kind) for shape in shapes] for kind in (np.uint32, np.float16, np.uint16)))


def encoders_of(*specimens):
    fields = [torch.from_numpy(np.asarray(specimen.volume.channels[0]))[..., None] for specimen in specimens]
    return [
        PrecomputedEncoder.of(points.float(), FLAT, specimen)
        for points, specimen in zip(fields, specimens, strict=True)
    ]


def features_of(*specimens):
    encoders, space = encoders_of(*specimens), workspace_of(*specimens)
    fallback = MemoryFallback(encoders)
    found = quietly(tiled_watershed(fallback, space))
    return found, space, quietly(supervoxel_features(fallback, quietly(make_batches(encoders)), space, found))


def basin_features(sums, specimens, found):
    """Features of all basins of all specimens."""
    parts = [sums.features(i, 0, found[i].count, specimen.region) for i, specimen in enumerate(specimens)]
    return SupervoxelFeatures.concatenated(parts)
