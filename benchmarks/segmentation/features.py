"""What a person could do without learning: features of every voxel, to be clustered as learned points are.

So that a comparison is one of features alone, they lie in flat space, and each has mean 0 and standard deviation 1
over the voxels that count.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor

from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.methods.localizers.filter_bank import filter_bank
from napari_hypseg.nn.gaussian import gaussian_smooth
from napari_hypseg.volumes.intensity import measure_intensity
from napari_hypseg.volumes.specimen import Specimen

FLAT = Euclidean()
"""Where features lie."""
SIGMA = 1.0
"""Voxels: standard deviation of the Gaussian."""
TV_WEIGHT = 0.6
"""Of the total variation, for grey values of standard deviation 1: of 0.2 to 1.3 the best on phantoms."""
TV_STEPS = 100


def _tv(grey: Tensor) -> Tensor:
    """Each channel of `grey` (c, z, y, x) with less total variation (Chambolle 2004)."""
    from skimage.restoration import denoise_tv_chambolle

    channels = [denoise_tv_chambolle(one, weight=TV_WEIGHT, max_num_iter=TV_STEPS) for one in grey.numpy()]
    return torch.from_numpy(np.stack(channels))


COMPUTED: Mapping[str, Callable[[Tensor], Tensor]] = MappingProxyType(
    {
        "raw": lambda grey: grey,
        "gaussian": lambda grey: gaussian_smooth(grey, SIGMA),
        "tv": _tv,
        "filter-bank": filter_bank,
    }
)
"""From standardised grey values (c, z, y, x), 0 where nothing counts, to features (f, z, y, x)."""


def _features(compute: Callable[[Tensor], Tensor]) -> Callable[[Specimen], Tensor]:
    def features(specimen: Specimen) -> Tensor:
        grey = measure_intensity(specimen).standardise(specimen.volume.read(specimen.volume.box))
        counted = torch.from_numpy(specimen.inside(specimen.volume.box))
        return _standardised(compute(torch.from_numpy(grey) * counted).float(), counted).movedim(0, -1)

    return features


def _standardised(features: Tensor, counted: Tensor) -> Tensor:
    """Features (f, z, y, x) in units of their spread over the voxels that count; a constant one becomes 0."""
    values = features[:, counted]
    mean, spread = values.mean(1), values.std(1, correction=0).clamp_min(1e-6)
    return (features - mean.view(-1, 1, 1, 1)) / spread.view(-1, 1, 1, 1)


FEATURES: Mapping[str, Callable[[Specimen], Tensor]] = MappingProxyType(
    {name: _features(compute) for name, compute in COMPUTED.items()}
)
"""From a specimen to features (z, y, x, f) of its voxels, float32 on the CPU, by name."""
