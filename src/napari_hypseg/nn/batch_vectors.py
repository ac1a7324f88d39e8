"""Batch vectors: which specimen, day or microscope a crop is of, so that latent points need not say it.

They are constant channels behind the grey values, one-hot for each covariate (Ding and Regev 2021, scPhere). What comes
without them, a new volume for instance, takes their mean.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn


class BatchVectors(nn.Module):
    """The vectors of the specimens that a model learns from.

    Parameters
    ----------
    vectors
        float32 (s, n); n is 0 for a model that is told none.
    n_channels
        Channels of the grey values.
    """

    vectors: Tensor

    def __init__(self, vectors: npt.NDArray[np.float32], n_channels: int) -> None:
        super().__init__()
        self._n_channels = n_channels
        self.register_buffer("vectors", torch.from_numpy(vectors), persistent=False)

    @property
    def width(self) -> int:
        """Numbers n of a vector."""
        return self.vectors.shape[1]

    def split(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Grey values (b, c, z, y, x), and batch vectors (b, n), of crops with or without their constant channels."""
        grey, rest = x.tensor_split([self._n_channels], dim=1)
        return grey, rest[:, :, 0, 0, 0] if rest.shape[1] else self.mean(len(x))

    def mean(self, count: int) -> Tensor:
        """The vector (`count`, n) of what is of no batch."""
        mean = self.vectors.mean(dim=0) if self.width else self.vectors.new_zeros(0)
        return mean.expand(count, -1)


def batch_layer(batch_width: int, width: int) -> nn.Linear | None:
    """What adds a batch vector to `width` features, nothing at first; None for vectors of no numbers."""
    if not batch_width:
        return None
    layer = nn.Linear(batch_width, width, bias=False)
    nn.init.zeros_(layer.weight)
    return layer


def with_batch_vector(grey: npt.NDArray[np.float32], vector: npt.NDArray[np.float32] | None) -> npt.NDArray[np.float32]:
    """Grey values (c, z, y, x) with a vector (n,) as constant channels (c + n, z, y, x); unchanged for None."""
    if vector is None:
        return grey
    return np.concatenate([grey, np.broadcast_to(vector[:, None, None, None], (len(vector), *grey.shape[1:]))])
