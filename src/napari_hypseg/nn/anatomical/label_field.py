"""Probabilities of labels on the grid of a prior while they are found, each drawn towards those of its neighbours."""

import torch
from torch import Tensor, nn

from napari_hypseg.nn.anatomical.lattice import STEP
from napari_hypseg.volumes.box import Index3


class LabelField(nn.Module):
    """The mean field of a Potts model, as `mean_field`, updated one lattice after the other.

    Parameters
    ----------
    n_labels
        Labels, the background among them.
    shape
        Grid (z, y, x); around it is background.
    coupling
        How much likelier a label is where all six neighbours have it.
    """

    probabilities: Tensor

    def __init__(self, n_labels: int, shape: Index3, coupling: float) -> None:
        super().__init__()
        self.coupling = coupling
        padded = torch.zeros(n_labels, *(n + 2 for n in shape))
        padded[0] = 1.0
        self.register_buffer("probabilities", padded, persistent=False)

    @torch.no_grad()
    def start(self, probabilities: Tensor) -> None:
        """Begin with probabilities (labels, z, y, x)."""
        self.probabilities[:, 1:-1, 1:-1, 1:-1] = probabilities

    @torch.no_grad()
    def message(self, phase: Index3) -> Tensor:
        """What the neighbours add to the logarithm (labels, …) of the probabilities on the lattice of `phase`."""
        total = torch.zeros_like(self._at(phase, (0, 0, 0)))
        for axis in range(3):
            for side in (-1, 1):
                total += self._at(phase, tuple(side * (axis == other) for other in range(3)))
        return total.mul_(self.coupling / 6)

    @torch.no_grad()
    def update(self, phase: Index3, valid: Tensor, probabilities: Tensor) -> None:
        """Probabilities (labels, n) of the voxels that are `valid` (…) on the lattice of `phase`."""
        self._at(phase, (0, 0, 0))[:, valid] = probabilities

    def _at(self, phase: Index3, shift: tuple[int, ...]) -> Tensor:
        """A view of what lies at `shift` (z, y, x) from the voxels of a lattice."""
        sides = zip(phase, shift, self.probabilities.shape[1:], strict=True)
        z, y, x = (slice(1 + first + by, n - 1 + by, STEP) for first, by, n in sides)
        return self.probabilities[:, z, y, x]
