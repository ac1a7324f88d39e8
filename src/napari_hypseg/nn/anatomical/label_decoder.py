"""Drawing label probabilities from a latent map: the prior of Dalca et al. 2018, with a location prior that moves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from napari_hypseg.nn.anatomical.lattice import lattice_voxels, sample_at_places, to_places
from napari_hypseg.nn.anatomical.shape_encoder import SLOPE
from napari_hypseg.volumes.box import Index3

CELL = 8
"""Voxels of the grid that a place of the latent map stands for, along each axis."""
FIRST_DEVIATION = 0.01
"""Of the last weights before learning, which begins near the location prior."""
SMOOTHING = 5.0
"""Ratio of the deviation of noise on a map to that of what `_smooth` leaves of it."""
DISPLACING = 3
"""Channels of the latent map that displace directly, one for each axis."""


@dataclass(frozen=True)
class DrawnShape:
    """What a latent map says, wherever it is looked at.

    Parameters
    ----------
    displacement
        (b, 3, z, y, x), zyx, in voxels of the grid, one for each place of the latent map.
    logits
        (b, labels, z, y, x), what is added to the logarithm of the location prior, twice as fine.
    """

    displacement: Tensor
    logits: Tensor


class LabelDecoder(nn.Module):
    """The probability of each label at each voxel, p(s | z): network and location prior, added as logarithms.

    Dalca et al. write the two as output layers that are multiplied; the sum of logarithms is the same. Ours differs in
    two ways: the latent is a map and not a vector, and the location prior is looked up where the network says a voxel
    has come from. Both let few specimens suffice: what a deformation looks like is the same everywhere.

    Parameters
    ----------
    n_labels
        Labels, the background among them.
    shape
        Grid (z, y, x), multiples of `CELL`.
    latent_dim
        Channels of the latent map.
    width
        Channels of the networks.
    reach
        Standard deviation of displacements in voxels before anything is learned: learning begins with the deformations
        that label maps are multiplied by.
    """

    log_location: Tensor

    def __init__(self, n_labels: int, shape: Index3, latent_dim: int, width: int, reach: float) -> None:
        super().__init__()
        self.shape, self.latent_dim, self.n_labels, self.reach = shape, latent_dim, n_labels, reach
        self.layers = nn.ModuleList([nn.Conv3d(latent_dim, width, 3, padding=1), nn.Conv3d(width, width, 3, padding=1)])
        self.to_displacement = nn.Conv3d(width, 3, 3, padding=1)
        self.finer = nn.Conv3d(width, width, 3, padding=1)
        self.to_logits = nn.Conv3d(width, n_labels, 1)
        for last in (self.to_displacement, self.to_logits):
            nn.init.normal_(last.weight, std=FIRST_DEVIATION)
            assert last.bias is not None
            nn.init.zeros_(last.bias)
        self.register_buffer("log_location", torch.zeros(n_labels, *shape))

    @property
    def latent_shape(self) -> Index3:
        """Grid (z, y, x) of the latent map."""
        z, y, x = (n // CELL for n in self.shape)
        return z, y, x

    def draw(self, latent: Tensor) -> DrawnShape:
        """What latent maps (b, d, z, y, x) say; one of zeros says nothing, and the location prior is as it is."""
        displacement, logits = self._network(torch.cat([latent, torch.zeros_like(latent[:1])]))
        displacing = SMOOTHING * self.reach * _smooth(latent[:, :DISPLACING])
        return DrawnShape(displacing + displacement[:-1] - displacement[-1:], logits[:-1] - logits[-1:])

    def _network(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        x = latent
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), SLOPE)
        finer = functional.interpolate(x, scale_factor=2.0, mode="trilinear", align_corners=False)
        logits = self.to_logits(functional.leaky_relu(self.finer(finer), SLOPE))
        return self.to_displacement(x), logits

    def log_prior(self, drawn: DrawnShape, voxels: Tensor) -> Tensor:
        """Logarithm (b, labels, z, y, x) of p(s | z) at fractional voxels (z, y, x, 3), zyx, of the grid."""
        places = to_places(voxels, self.shape).expand(len(drawn.logits), *voxels.shape)
        moved = sample_at_places(drawn.displacement, places).movedim(1, -1)
        origin = to_places(voxels + moved, self.shape)
        location = self.log_location.expand(len(places), *self.log_location.shape)
        logits = sample_at_places(location, origin) + sample_at_places(drawn.logits, places)
        return functional.log_softmax(logits, dim=1)

    def log_prior_on_grid(self, latent: Tensor) -> Tensor:
        """Logarithm (b, labels, z, y, x) of p(s | z) at every voxel of the grid."""
        voxels = lattice_voxels(self.shape, (0, 0, 0), 1, latent.device)
        return self.log_prior(self.draw(latent), voxels)

    def most_probable(self) -> npt.NDArray[np.uint8]:
        """The most probable label (z, y, x) of each voxel by the location prior."""
        return np.asarray(self.log_location.argmax(dim=0).cpu().numpy(), dtype=np.uint8)


def reach_of(deformation: float, shape: Index3) -> float:
    """Voxels that a displacement relative to the longest edge of a grid of `shape` is."""
    return deformation * max(shape)


def grid_of(edges: Sequence[float]) -> Index3:
    """The least grid (z, y, x) of at least `edges` voxels that latent maps fit, with two places along each axis."""
    z, y, x = (max(2, int(-(-edge // CELL))) * CELL for edge in edges)
    return z, y, x


def _smooth(latent: Tensor) -> Tensor:
    """Means over neighbours of neighbours, of the same grid."""
    for _ in range(2):
        padded = functional.pad(latent, (1,) * 6, mode="replicate")
        latent = functional.avg_pool3d(padded, 3, stride=1)
    return latent
