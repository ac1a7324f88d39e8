"""The field of view of a CT phantom in physical units, and smooth noise in it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.volume import Vector3

Array = npt.NDArray[np.float32]
Vectors = npt.NDArray[np.float64]
LATTICE = 64  # cells after which oriented noise repeats itself
SAMPLES = 4  # of oriented noise per cell; between them it is interpolated
SLOW_WAVES = 4  # half periods of a slow field along an axis, at most


@dataclass(frozen=True)
class Frame:
    """Grid and place of a phantom: lengths are in units of the voxel size, positions count from the field's centre."""

    shape: Index3
    voxel_size: Vector3

    @property
    def size(self) -> Vectors:
        """Edges (z, y, x) of the field."""
        return np.multiply(self.shape, self.voxel_size)

    @property
    def scale(self) -> float:
        """Edge of the cube that is as large as the field: shapes and textures are sized by it."""
        return float(np.prod(self.size) ** (1 / 3))

    @property
    def finest(self) -> float:
        """Longest edge of a voxel: nothing thinner is seen along every axis."""
        return max(self.voxel_size)

    @property
    def middle(self) -> Vectors:
        """Voxel index of the field's centre."""
        return np.asarray((np.array(self.shape) - 1) / 2)

    def position(self, index: npt.ArrayLike) -> Vectors:
        """Positions of voxel indices (..., 3)."""
        return np.asarray((np.asarray(index, dtype=np.float64) - self.middle) * self.voxel_size)

    def index(self, position: npt.ArrayLike) -> Vectors:
        """Fractional voxel indices of positions (..., 3)."""
        return np.asarray(np.asarray(position, dtype=np.float64) / self.voxel_size + self.middle)

    def axes(self, box: Box | None = None) -> tuple[Array, Array, Array]:
        """Positions along z, y and x of the voxels of `box` (default: all), shaped so that they broadcast."""
        box = box or Box.whole(self.shape)
        z, y, x = (
            ((np.arange(a, b) - centre) * edge).astype(np.float32)
            for a, b, centre, edge in zip(box.start, box.stop, self.middle, self.voxel_size, strict=True)
        )
        return z[:, None, None], y[None, :, None], x[None, None, :]

    def around(self, centre: Vectors, half: Vectors | float) -> Box:
        """Voxels of the field within `half` (z, y, x) of `centre`, and one more on each side."""
        low = np.clip(np.floor(self.index(centre - half)) - 1, 0, self.shape).astype(int)
        high = np.clip(np.ceil(self.index(centre + half)) + 2, low, self.shape).astype(int)
        return Box((int(low[0]), int(low[1]), int(low[2])), (int(high[0]), int(high[1]), int(high[2])))


def rotation(rng: np.random.Generator) -> Vectors:
    """Random rotation (3, 3), uniform over all of them."""
    turn, upper = np.linalg.qr(rng.standard_normal((3, 3)))
    turn = turn * np.sign(np.diag(upper))
    return np.asarray(turn * np.linalg.det(turn))


def oriented_noise(frame: Frame, box: Box, lengths: npt.ArrayLike, turn: Vectors, rng: np.random.Generator) -> Array:
    """Smooth noise of unit variance in `box`: quadratic B-splines on a random lattice turned by `turn` (3, 3).

    Parameters
    ----------
    lengths
        Distance of the lattice's nodes along each of its axes; structures are about twice as wide.
    """
    lattice = rng.standard_normal((LATTICE,) * 3, dtype=np.float32)
    fewer = [max(1, int(np.min(lengths) / (SAMPLES * edge))) for edge in frame.voxel_size]
    coarse = [-(-(n - 1) // k) + 1 for n, k in zip(box.shape, fewer, strict=True)]
    steps = np.array([(n - 1) / max(1, m - 1) for n, m in zip(box.shape, coarse, strict=True)])
    matrix = (turn.T * np.array(frame.voxel_size)) / np.broadcast_to(lengths, 3)[:, None]
    offset = matrix @ np.array(box.start) + rng.uniform(0, LATTICE, 3)
    noise = ndimage.affine_transform(
        lattice, matrix * steps, offset, tuple(coarse), order=2, mode="grid-wrap", prefilter=False, output=np.float32
    )
    return unit(noise if max(fewer) == 1 else refine(noise, box.shape))


def refine(coarse: Array, shape: Index3) -> Array:
    """Linear interpolation of a field to a finer grid; corners stay corners."""
    steps = [(m - 1) / max(1, n - 1) for m, n in zip(coarse.shape, shape, strict=True)]
    fine: Array = ndimage.affine_transform(coarse, steps, 0.0, shape, order=1, mode="nearest", output=np.float32)
    return fine


def slow_field(shape: Index3, rng: np.random.Generator) -> Array:
    """Smooth field of unit variance over a whole grid: the lowest cosines with random weights."""
    field = rng.standard_normal((SLOW_WAVES,) * 3).astype(np.float32)
    waves = np.indices(field.shape).sum(axis=0)
    field = np.where(waves > 0, field / (1 + waves) ** 1.5, 0).astype(np.float32)
    for n in shape:  # contracts the first axis and puts the new one last: after three times the order is back
        basis = np.cos(np.pi * np.outer(np.arange(SLOW_WAVES), (np.arange(n) + 0.5) / n)).astype(np.float32)
        field = np.tensordot(field, basis, axes=(0, 0))
    return unit(field)


def unit(data: Array) -> Array:
    """Data with mean 0 and standard deviation 1, in place."""
    data -= data.mean()
    data /= data.std()
    return data
