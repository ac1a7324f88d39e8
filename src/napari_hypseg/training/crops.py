"""Random crops of the specimens: what a model learns from."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from napari_hypseg.nn.batch_vectors import with_batch_vector
from napari_hypseg.volumes.blocks import read_with_mirror_padding
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.intensity import Intensity
from napari_hypseg.volumes.specimen import Specimen

SMALLEST = 16
"""Edge in voxels of the crops that are drawn where memory is short."""
CANDIDATES = 20_000
"""Masked specimens are cropped around this many voxels, drawn once."""


class CropSampler:
    """Draws crops with halo around random voxels that count, in random orientation.

    Parameters
    ----------
    specimens, intensities
        What to draw from and how its grey values are standardised.
    edge
        Edge of the core in voxels.
    halo
        Voxels (z, y, x) of context around the core.
    seed
        Start of the random numbers.
    vectors
        float32 (s, n): the batch vector of each specimen, which comes behind its grey values; None for none.
    """

    def __init__(
        self,
        specimens: Sequence[Specimen],
        intensities: Sequence[Intensity],
        edge: int,
        halo: Index3,
        seed: int,
        vectors: npt.NDArray[np.float32] | None = None,
    ) -> None:
        self._specimens, self._intensities, self._vectors = specimens, intensities, vectors
        self.edge, self._halo = edge, halo
        self._random = np.random.default_rng(seed)
        sizes = np.array([specimen.region.size for specimen in specimens], dtype=np.float64)
        self._share = sizes / sizes.sum()
        self._centres = [_masked_voxels(specimen, seed) for specimen in specimens]

    @property
    def examples(self) -> str:
        """What they are called."""
        return "crops"

    def shrink(self) -> str | None:
        """Draw the smallest crops from now on; None if they are."""
        if self.edge <= SMALLEST:
            return None
        self.edge = SMALLEST
        return f"crops of {SMALLEST} voxels"

    def draw(self, count: int) -> npt.NDArray[np.float32]:
        """`count` crops, float32 (count, c, z, y, x), standardised; (count, c + n, z, y, x) with batch vectors."""
        return np.stack([self._one() for _ in range(count)])

    def _one(self) -> npt.NDArray[np.float32]:
        which = int(self._random.choice(len(self._specimens), p=self._share))
        specimen = self._specimens[which]
        z, y, x = (c - self.edge // 2 for c in self._centre(which))
        core = Box((z, y, x), (z + self.edge, y + self.edge, x + self.edge))
        voxels = read_with_mirror_padding(specimen.volume, core.grow(self._halo))
        crop = self._intensities[which].standardise(voxels)
        turned = _random_symmetry(crop, _exchangeable_axes(specimen, self._halo), self._random)
        return with_batch_vector(turned, None if self._vectors is None else self._vectors[which])

    def _centre(self, which: int) -> Index3:
        """A voxel that counts, moved so that the core stays in the region where the region is large enough."""
        region, candidates = self._specimens[which].region, self._centres[which]
        if candidates is None:
            z, y, x = self._random.integers(region.start, region.stop).tolist()
        else:
            z, y, x = candidates[self._random.integers(len(candidates))].tolist()
        half = self.edge // 2
        z, y, x = (
            min(max(c, a + half), b - half) if b - a >= self.edge else (a + b) // 2
            for c, a, b in zip((z, y, x), region.start, region.stop, strict=True)
        )
        return z, y, x


def _masked_voxels(specimen: Specimen, seed: int) -> npt.NDArray[np.int64] | None:
    """Voxels (n, 3) inside the mask, at most `CANDIDATES` of them at random; None where there is no mask."""
    if specimen.mask is None:
        return None
    random = np.random.default_rng(seed)
    (z0, y0, x0), (z1, y1, x1) = specimen.region.start, specimen.region.stop
    slabs = [Box((z, y0, x0), (z + 1, y1, x1)) for z in range(z0, z1)]
    total = sum(int(specimen.inside(slab).sum()) for slab in slabs)
    kept: list[npt.NDArray[np.int64]] = []
    for slab in slabs:
        # Thinned before they become triples: those of all voxels of a slab would be 24 times its size.
        found = np.flatnonzero(specimen.inside(slab))
        wanted = random.random(len(found)) < CANDIDATES / max(1, total)
        kept.append(np.stack(np.unravel_index(found[wanted], slab.shape), axis=1) + slab.start)
    return np.concatenate(kept)


def _exchangeable_axes(specimen: Specimen, halo: Index3) -> list[int]:
    """Spatial axes (of a (c, z, y, x) crop) that may change places: same voxel size, same halo."""
    finest = int(np.argmin(specimen.volume.voxel_size))
    size = specimen.volume.voxel_size
    return [axis + 1 for axis in range(3) if halo[axis] == halo[finest] and size[axis] < 1.1 * size[finest]]


def _random_symmetry(
    crop: npt.NDArray[np.float32], axes: list[int], random: np.random.Generator
) -> npt.NDArray[np.float32]:
    """A random symmetry of the crop: mirrored along any axis, `axes` in random order."""
    order = list(range(4))
    for axis, source in zip(axes, random.permutation(axes).tolist(), strict=True):
        order[axis] = source
    mirrored = tuple(slice(None, None, -1 if random.random() < 0.5 else 1) for _ in range(3))
    return np.ascontiguousarray(crop.transpose(order)[:, *mirrored])
