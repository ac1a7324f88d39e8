"""Putting the slices of a volume in order (seed paper, section 2.1), and where a network that can do so looks."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_hypseg.errors import InputError
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.methods.localizers.background_flattening import flatten, halve
from napari_hypseg.methods.localizers.base import Evidence
from napari_hypseg.methods.localizers.coherence import combine, dropout_coherence, plain_coherence, slices_along
from napari_hypseg.methods.localizers.profiles import peak_profiles
from napari_hypseg.methods.localizers.slice_settings import SortingSettings
from napari_hypseg.nn.losses import mean_displacement, ranking_loss
from napari_hypseg.nn.slice_encoder import SliceEncoder
from napari_hypseg.training.fit_steps import fit_steps
from napari_hypseg.volumes.coarse import CoarseVolume

NEARBY = 0.06
"""Share of the longest axis over which grey values are flattened."""
RATE = 2e-3
SHIFT, TURN, ZOOM, GAIN, NOISE = 0.3, 0.3, 0.1, 0.2, 0.1
"""How far each slice is moved (of half its edge), turned (radians), scaled and altered before it is ranked. Without
this the place of a leaning tube wall tells the order, and nothing of the sample is learned."""
FEWEST = 4
"""Slices along an axis that are worth sorting."""
AXES = {"z": (0,), "y": (1,), "x": (2,), "all": (0, 1, 2)}


class SliceSorter:
    """A slice encoder with one number on top."""

    def __init__(self, settings: SortingSettings, n_channels: int) -> None:
        self._settings = settings
        self._draw = np.random.default_rng(settings.seed)
        torch.manual_seed(settings.seed)
        self.encoder = SliceEncoder(n_channels, settings.dropout)
        self.head = nn.Linear(self.encoder.width, 3)

    def fit(self, volumes: Sequence[CoarseVolume], device: torch.device) -> Job[None]:
        """Learn to put slices of one volume in order."""
        flat = [tensor_of(volume, device) for volume in volumes]
        modules = nn.ModuleList([self.encoder, self.head]).to(device)

        def step() -> tuple[Tensor, Mapping[str, float]]:
            volume = flat[self._draw.integers(len(flat))]
            axis = int(self._draw.choice(self._axes(volume)))
            scores = self._score(_altered(self._some_slices(volume, axis)), axis)
            return ranking_loss(scores, self._settings.margin), {"displacement": mean_displacement(scores.detach())}

        yield from fit_steps(modules, step, self._settings.steps, RATE)

    def propose(self, volume: CoarseVolume) -> Job[Evidence]:
        """Where the embeddings vary under dropout in what adjacent slices share."""
        flat = tensor_of(volume, next(self.encoder.parameters()).device)
        generator = torch.Generator().manual_seed(self._settings.seed)
        maps = []
        for axis in range(3):
            maps += [plain_coherence(flat, axis), dropout_coherence(self.encoder, flat, axis, generator)]
            yield Progress("find", axis + 1, 3, {"displacement": self._displacement(flat)})
        seen = combine(maps)
        return Evidence(seen, peak_profiles(seen, volume.grid))

    def _axes(self, volume: Tensor) -> tuple[int, ...]:
        """The axes to sort along, or the longest one where those hold too few slices."""
        longest = max(range(3), key=lambda axis: volume.shape[axis + 1])
        return tuple(a for a in AXES[self._settings.axis] if volume.shape[a + 1] >= FEWEST) or (longest,)

    def _some_slices(self, volume: Tensor, axis: int) -> Tensor:
        """Slices in their true order at places drawn evenly, or from a generalized Gaussian of exponent 4."""
        length = volume.shape[axis + 1]
        width = max(2, round(self._settings.span * length))
        places = np.arange(width) + self._draw.integers(length - width + 1)
        weights = np.exp(-((2 * places / max(1, length - 1) - 1) ** 4) * 2) if self._settings.centred else None
        share = None if weights is None else weights / weights.sum()
        picked = self._draw.choice(places, min(self._settings.slices, width), replace=False, p=share)
        return slices_along(volume, axis)[torch.from_numpy(np.sort(picked))]

    def _score(self, slices: Tensor, axis: int) -> Tensor:
        embedded = self.encoder(slices).mean((2, 3))
        scores: Tensor = self.head(embedded)[:, axis]
        return scores

    def _displacement(self, volume: Tensor) -> float:
        """Mean displacement of as many slices of a volume as are ranked at a time, without dropout."""
        axis = self._axes(volume)[0]
        self.encoder.enable_mc_dropout(shared=False)
        with torch.no_grad():
            return mean_displacement(self._score(self._some_slices(volume, axis), axis))


def tensor_of(volume: CoarseVolume, device: torch.device) -> Tensor:
    """A flattened volume (c, z, y, x) at half its resolution, which is enough to rank and to compare slices.

    Raises
    ------
    InputError
        If it has no two slices along any axis.
    """
    if max(volume.grid) < 2:
        raise InputError(f"{volume.name} is a single voxel; there is no sample to be told from its surroundings.")
    return torch.from_numpy(flatten(halve(volume), NEARBY)).to(device)


def _altered(slices: Tensor) -> Tensor:
    """Each slice moved, turned, scaled and altered on its own."""
    n, device = len(slices), slices.device
    angle = TURN * torch.randn(n, device=device)
    zoom = 1 + ZOOM * torch.randn(n, device=device).clamp(-2, 2)
    shift = SHIFT * (2 * torch.rand(n, 2, device=device) - 1)
    cos, sin = zoom * torch.cos(angle), zoom * torch.sin(angle)
    matrix = torch.stack([torch.stack([cos, -sin, shift[:, 0]], 1), torch.stack([sin, cos, shift[:, 1]], 1)], 1)
    grid = F.affine_grid(matrix, list(slices.shape), align_corners=False)
    moved = F.grid_sample(slices, grid, padding_mode="reflection", align_corners=False)
    gain = torch.exp(GAIN * torch.randn(n, 1, 1, 1, device=device))
    return moved * gain + NOISE * torch.randn_like(moved)
