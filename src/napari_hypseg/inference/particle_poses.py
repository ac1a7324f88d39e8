"""What a spatial-VAE infers of particles, in batches: content, rotation and shift of each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.nn.spatial.alignment import align
from napari_hypseg.nn.spatial.pose_posterior import Pose
from napari_hypseg.nn.spatial.spatial_vae import SpatialVAE
from napari_hypseg.volumes.volume import LazyArray

BATCH_VALUES = 2**22
"""Outputs of a hidden layer in one batch: 16 MB."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ParticlePoses:
    """Content and pose of n particles.

    Parameters
    ----------
    points
        float32 (n, e); the content, on the model's manifold.
    rotations
        float32 (n, d, d); R, by which row vectors of the image become those of the content, axes in array order.
    shifts
        float32 (n, d); Δ in pixels: x R + Δ is the place in the content of the place x of the image, both from the
        middle.
    elbo
        float32 (n,); how well a particle is explained, in nats a pixel.
    doubt
        float32 (n,); probability that another starting rotation is the right one.
    """

    points: Floats
    rotations: Floats
    shifts: Floats
    elbo: Floats
    doubt: Floats

    @property
    def centres(self) -> Floats:
        """float32 (n, d): where the middle of the content lies in each image, in pixels from the image's middle."""
        return np.asarray(-np.einsum("ni,nji->nj", self.shifts, self.rotations), dtype=np.float32)


def infer_poses(model: SpatialVAE, images: LazyArray, device: torch.device) -> Job[ParticlePoses]:
    """Content and pose of `images` (n, *shape), standardised; yields ``Progress("encode", done, n)``."""
    model.to(device).eval()
    unit = _pixels_a_unit(model)
    n, parts = images.shape[0], []
    for start in range(0, n, size := _batch(model)):
        batch = _read(images, start, size, device)
        found = model.infer(batch)
        shift = found.pose.shift * torch.from_numpy(unit).to(found.pose.shift)
        parts.append([t.cpu().numpy() for t in (found.points, found.pose.rotation, shift, found.elbo, found.doubt)])
        yield Progress("encode", min(n, start + size), n)
    return ParticlePoses(*(np.concatenate(column).astype(np.float32) for column in zip(*parts, strict=True)))


def aligned_images(images: LazyArray, poses: ParticlePoses, rows: npt.NDArray[np.int64]) -> Floats:
    """float32 (m, *shape): the particles `rows` (m,) of `images`, turned and shifted back."""
    batch = torch.from_numpy(np.stack([np.asarray(images[int(row)], dtype=np.float32) for row in rows]))
    shape = np.array(batch.shape[1:])
    shift = torch.from_numpy(poses.shifts[rows] / _half_edges(shape))
    return np.asarray(align(batch, Pose(torch.from_numpy(poses.rotations[rows]), shift.float())).numpy())


def _half_edges(shape: npt.NDArray[np.int64]) -> Floats:
    return np.asarray(np.maximum(1, shape - 1) / 2, dtype=np.float32)


def _pixels_a_unit(model: SpatialVAE) -> Floats:
    return _half_edges(np.array(model.shape))


def _batch(model: SpatialVAE) -> int:
    values = model.inspected * len(model.starts) * model.generator.width
    return max(1, BATCH_VALUES // values)


def _read(images: LazyArray, start: int, size: int, device: torch.device) -> torch.Tensor:
    return torch.from_numpy(np.asarray(images[start : start + size], dtype=np.float32)).to(device)
