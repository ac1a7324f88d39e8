"""What trees over leaves are made of: stored with the leaves, so that trees are made anew without model and volumes.

With them a sample of the supervoxels that were grouped into leaves, for charts of the latent space.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.supervoxels.leaf_space import LeafSpace

Floats = npt.NDArray[np.float32]

MOST_SAMPLED = 4096
"""Supervoxels in the sample, at most: enough for a density in a chart."""


@dataclass(frozen=True, eq=False)
class LeafFeatures:
    """All that is known of K leaves; None stands for what an earlier version did not keep.

    Parameters
    ----------
    points
        float32 (K, d); on the manifold.
    sizes
        int64 (K,); voxels of each, 0 allowed.
    descriptors
        float32 (K, F); see `region_descriptors`.
    factors
        float32 (K, f); means of the factors of `autocorrelation_factors`; f may be 0.
    words
        uint16 (K,); the context word of each, see `context_vocabulary`. None of more leaves than contexts are counted
        for.
    contexts
        float32 (K, n·W), rows that sum to 1; see `co_occurrence`. None as for `words`.
    space
        Where regions of other specimens find their nearest leaf; no tree is made of it.
    supervoxels
        float32 (s, d), on the manifold: points of the supervoxels of random voxels, at most `MOST_SAMPLED`. None where
        every supervoxel is a leaf.
    """

    points: Floats
    sizes: npt.NDArray[np.int64]
    descriptors: Floats | None = None
    factors: Floats | None = None
    words: npt.NDArray[np.uint16] | None = None
    contexts: Floats | None = None
    space: LeafSpace | None = None
    supervoxels: Floats | None = None

    @classmethod
    def of(cls, tree: Hierarchy, **others: Any) -> "LeafFeatures":
        """Features of the leaves of a tree, which knows their points and sizes."""
        return cls(tree.points, tree.sizes[: tree.n_leaves], **others)

    def check(self) -> None:
        """Make sure that arrays read from a file belong together.

        Raises
        ------
        ValueError
            Naming the first that does not.
        """
        n_leaves = len(self.sizes)
        for name in ("descriptors", "factors", "contexts"):
            values = getattr(self, name)
            if values is not None:
                check_values(name, values, n_leaves)
        if self.supervoxels is not None:
            check_values("supervoxels", self.supervoxels, len(self.supervoxels))
            if self.supervoxels.shape[1] != self.points.shape[1]:
                raise ValueError("supervoxels and leaves have points of different dimensions")
        if (self.words is None) != (self.contexts is None):
            raise ValueError("there are words without contexts or contexts without words")
        if self.words is not None and self.contexts is not None:
            self._check_words(self.words, self.contexts)
        if self.space is not None:
            self.space.check(n_leaves)

    def _check_words(self, words: npt.NDArray[np.uint16], contexts: Floats) -> None:
        if words.dtype != np.uint16 or words.shape != self.sizes.shape:
            raise ValueError(f"the words are not those of {len(self.sizes)} leaves")
        n_words = int(words.max()) + 1
        if contexts.shape[1] == 0 or contexts.shape[1] % n_words or len(np.unique(words)) != n_words:
            raise ValueError("words and contexts do not fit")
        if (contexts < 0).any():
            raise ValueError("some of the contexts are negative")


def check_values(name: str, values: npt.NDArray[Any], n_leaves: int) -> None:
    """Make sure that `values` are float32 (`n_leaves`, n) and finite.

    Raises
    ------
    ValueError
        If they are not.
    """
    if values.dtype != np.float32 or values.ndim != 2 or len(values) != n_leaves:
        raise ValueError(f"the {name} are not those of {n_leaves} leaves")
    if not np.isfinite(values).all():
        raise ValueError(f"some of the {name} are not finite")
