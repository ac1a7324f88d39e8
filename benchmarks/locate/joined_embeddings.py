"""Points of the segmentation method, and the slice encoder's super-pixel embeddings joined to them.

The method's points lie on its manifold, the embeddings do not. Joined, both are vectors: the points as seen from the
origin (`Manifold.logmap0`), the embeddings as their first principal components.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks.segmentation.learning import learned_model, points_of
from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.jobs import Job
from napari_hypseg.methods.localizers.coherence import slices_along
from napari_hypseg.nn.slice_encoder import SliceEncoder
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.specimen import Specimen

COMPONENTS = 8
"""Of the embeddings; as many as the method's points have dimensions by default."""


def learned_points(specimen: Specimen, settings: RunSettings) -> Job[tuple[Tensor, Manifold]]:
    """Learn from `specimen`, and points (z, y, x, d) of its voxels on the manifold, on the CPU.

    Raises
    ------
    HypsegError
        If the settings cannot be used.
    """
    model = yield from learned_model([specimen], settings)
    return (yield from points_of(model, specimen)), model.manifold


@torch.no_grad()
def superpixels(encoder: SliceEncoder, volume: Tensor, shape: Index3) -> Tensor:
    """Principal components (*shape, `COMPONENTS`) of the embeddings of all slices along all axes, on the CPU.

    Parameters
    ----------
    encoder
        Learned or not.
    volume
        (c, z, y, x) as the encoder is taught.
    shape
        Voxels (z, y, x) that the components are interpolated to.
    """
    encoder.enable_mc_dropout(shared=False)
    grid = tuple(volume.shape[1:])
    embedded = torch.cat([_interpolated(_along(encoder, volume, axis), grid) for axis in range(3)])
    components = _principal(embedded.flatten(1).T.cpu(), COMPONENTS).T.reshape(-1, *grid)
    return _interpolated(components, shape).movedim(0, -1)


def _along(encoder: SliceEncoder, volume: Tensor, axis: int) -> Tensor:
    """Embeddings (width, z, y, x) of the slices along an axis, coarse along the two others."""
    embedded: Tensor = encoder(slices_along(volume, axis))
    return embedded.movedim(1, 0).movedim(1, axis + 1)


def _interpolated(features: Tensor, shape: tuple[int, ...]) -> Tensor:
    return F.interpolate(features[None], size=shape, mode="trilinear", align_corners=False)[0]


def _principal(rows: Tensor, count: int) -> Tensor:
    """First principal components (n, count) of standardised columns; a column without spread says nothing."""
    centred = (rows - rows.mean(0)).double()
    spread = centred.std(0)
    standard = torch.where(spread > 1e-6, centred / spread.clamp(min=1e-6), 0)
    _, axes = torch.linalg.eigh(standard.T @ standard)
    components: Tensor = standard @ axes[:, -count:].flip(1)
    return components.float()


def seen_from_origin(points: Tensor, manifold: Manifold) -> Tensor:
    """Points (z, y, x, d) as vectors of total variance 1."""
    return _unit(manifold.logmap0(points))


def joined(vectors: Tensor, features: Tensor, share: float) -> Tensor:
    """Vectors of total variance 1 and features side by side, the features with `share` of the total variance."""
    return torch.cat([vectors * (1 - share) ** 0.5, _unit(features) * share**0.5], dim=-1)


def _unit(vectors: Tensor) -> Tensor:
    centred = vectors - vectors.mean((0, 1, 2))
    return centred / centred.square().sum(-1).mean().sqrt().clamp(min=1e-12)
