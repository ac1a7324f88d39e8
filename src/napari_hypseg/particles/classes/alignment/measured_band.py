"""The frequencies that boxes are compared by: coarse enough, measured, and one of each conjugate pair."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from napari_hypseg.particles.classes.alignment.missing_wedge import measured_frequencies


@dataclass(frozen=True, eq=False)
class MeasuredBand:
    """D frequencies of boxes of E³ voxels.

    Parameters
    ----------
    edge
        E.
    places
        int64 (D,): where they stand in a flat spectrum of `torch.fft.fftn`.
    frequencies
        float32 (D, 3), order zyx, in periods a box.
    shells
        int64 (D,): the length of each, rounded.
    """

    edge: int
    places: Tensor
    frequencies: Tensor
    shells: Tensor

    @property
    def n_shells(self) -> int:
        """Number of shells, the innermost of which has no frequency: the mean of a box tells nothing."""
        return int(self.shells.max()) + 1

    def shell_means(self, values: Tensor) -> Tensor:
        """Means (S,) of `values` (D,) over the shells; that of the innermost is taken from the next."""
        sums = torch.zeros(self.n_shells).index_add_(0, self.shells, values)
        means = sums / torch.bincount(self.shells, minlength=self.n_shells).clamp_min(1)
        means[0] = means[1]
        return means

    def shell_grid(self) -> Tensor:
        """int64 (E, E, E): the shell of each frequency with the mean in the middle; all finer ones are in the last."""
        line = (torch.arange(self.edge) - self.edge // 2).float()
        z, y, x = torch.meshgrid(line, line, line, indexing="ij")
        return (z * z + y * y + x * x).sqrt().round().long().clamp_max(self.n_shells - 1)


def measured_band(edge: int, resolution: float, tilt_range: float) -> MeasuredBand:
    """The frequencies with periods of `resolution` voxels and more that tilts to ± `tilt_range` degrees measure."""
    line = np.fft.fftfreq(edge) * edge
    z, y, x = (axis.reshape(-1) for axis in np.meshgrid(line, line, line, indexing="ij"))
    length = np.sqrt(z * z + y * y + x * x)
    first_of_pair = (z > 0) | ((z == 0) & ((y > 0) | ((y == 0) & (x > 0))))
    measured = measured_frequencies((edge,) * 3, tilt_range).reshape(-1) > 0
    inside = np.maximum(np.abs(z), np.maximum(np.abs(y), np.abs(x))) < edge / 2
    places = torch.from_numpy(np.flatnonzero(first_of_pair & measured & inside & (length <= edge / resolution)))
    frequencies = torch.from_numpy(np.stack([z, y, x], axis=1)).float()[places]
    return MeasuredBand(edge, places, frequencies, frequencies.norm(dim=1).round().long().clamp_min(1))
