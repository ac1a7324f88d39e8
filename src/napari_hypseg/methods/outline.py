"""From seeds to an outline: a small 3-D network learns from what is sure and decides about the rest.

Both localizers see in coarse super-pixels. A network that learns voxel by voxel from their surest cells, on the same
volumes, follows the skin of the sample instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch import Tensor
from torch.nn import functional as F

from napari_hypseg.jobs import Job
from napari_hypseg.methods.flat import flatten, without_constant
from napari_hypseg.methods.pieces import Mask, solid_piece
from napari_hypseg.methods.seeds import SAMPLE, SURROUNDINGS, Seeds
from napari_hypseg.nn.outliner import Outliner
from napari_hypseg.training.short import fit_steps
from napari_hypseg.volumes.coarse import CoarseVolume

Array = npt.NDArray[np.float32]
NEARBY = 0.125
"""Share of the longest axis over which grey values are flattened."""
EDGE = 48
BATCH = 2
RATE = 5e-3
NOISE = 0.1
LEAST = 200
"""Cells of a class in a batch below which they count for less."""
SLAB = 64
"""Slices that are outlined at a time, with `HALO` slices around them."""
HALO = 24
SMOOTH = 0.7
"""Cells: standard deviation of the Gaussian over the probabilities."""
LIKELY = 0.7
"""Probability from which on a cell is sample, relative to the probability that its surest cells have."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """What is learned from in one volume: flattened grey values (c, z, y, x) and seeds (z, y, x)."""

    data: Tensor
    seeds: Seeds


class Outline:
    """Learns from seeds and gives a probability of being sample for every cell."""

    def __init__(self, n_channels: int, seed: int) -> None:
        torch.manual_seed(seed)
        self._draw = np.random.default_rng(seed)
        self.network = Outliner(n_channels)

    def fit(self, lessons: Sequence[Lesson], steps: int, device: torch.device) -> Job[None]:
        """Learn from the seeds of all volumes."""
        self.network.to(device)
        places = [[np.argwhere(lesson.seeds == kind) for kind in (SURROUNDINGS, SAMPLE)] for lesson in lessons]
        edge = tuple(min(EDGE, *axis) for axis in zip(*(lesson.seeds.shape for lesson in lessons), strict=True))

        def step() -> tuple[Tensor, Mapping[str, float]]:
            crops = [self._crop(lessons, places, edge) for _ in range(BATCH)]
            data = torch.stack([data for data, _ in crops]).to(device)
            seeds = torch.stack([seeds for _, seeds in crops]).to(device)
            return balanced_loss(self.network(data + NOISE * torch.randn_like(data)), seeds), {}

        yield from fit_steps(self.network, step, steps, RATE)

    def probability(self, data: Tensor) -> Array:
        """Probability (z, y, x) that a cell of flattened grey values (c, z, y, x) is sample, slab by slab."""
        self.network.eval()
        device = next(self.network.parameters()).device
        parts = []
        for start in range(0, data.shape[1], SLAB):
            low = max(0, start - HALO)
            with torch.no_grad():
                odds = self.network(data[None, :, low : start + SLAB + HALO].to(device))[0]
            parts.append(torch.sigmoid(odds[start - low : start - low + SLAB]).cpu())
        sure: Array = torch.cat(parts).numpy()
        return sure

    def _crop(
        self, lessons: Sequence[Lesson], places: list[list[npt.NDArray[np.intp]]], edge: tuple[int, ...]
    ) -> tuple[Tensor, Tensor]:
        """A crop around a random seed of a random class, mirrored and turned at random."""
        number = int(self._draw.integers(len(lessons)))
        lesson = lessons[number]
        kinds = [there for there in places[number] if len(there)]
        there = kinds[int(self._draw.integers(len(kinds)))]
        centre = there[int(self._draw.integers(len(there)))]
        window = []
        for place, wanted, length in zip(centre, edge, lesson.seeds.shape, strict=True):
            start = int(np.clip(place - self._draw.integers(wanted), 0, length - wanted))
            window.append(slice(start, start + wanted))
        data, seeds = lesson.data[(slice(None), *window)], torch.from_numpy(lesson.seeds[tuple(window)])
        mirrored = [axis for axis in range(3) if self._draw.random() < 0.5]
        data, seeds = data.flip([axis + 1 for axis in mirrored]), seeds.flip(mirrored)
        if edge[1] == edge[2] and self._draw.random() < 0.5:
            data, seeds = data.transpose(2, 3), seeds.transpose(1, 2)
        return data, seeds


def balanced_loss(odds: Tensor, seeds: Tensor) -> Tensor:
    """Cross entropy over the seeds, both kinds weighing the same.

    Parameters
    ----------
    odds
        Log-odds of being sample (n, z, y, x).
    seeds
        1, 0 or -1 for unknown, of the same shape.
    """
    each = F.binary_cross_entropy_with_logits(odds, (seeds == SAMPLE).to(odds.dtype), reduction="none")
    total = odds.sum() * 0
    for kind in (SAMPLE, SURROUNDINGS):
        here = seeds == kind
        total = total + (each * here).sum() / (2 * here.sum().clamp(min=LEAST))
    return total


def outline_input(volume: CoarseVolume) -> Tensor:
    """What the network sees of a volume, (c, z, y, x)."""
    return torch.from_numpy(without_constant(flatten(volume, NEARBY)))


def outline_mask(probability: Array, core: Mask, valid: Mask) -> Mask:
    """The sample: the likely piece that holds most of its surest cells, without what holds it from the border."""
    smooth = ndimage.gaussian_filter(probability, SMOOTH)
    highest = float(np.median(smooth[core])) if core.any() else 1.0
    likely = (smooth > LIKELY * highest) & valid
    return solid_piece(likely, (core & likely) if (core & likely).any() else likely, valid)
