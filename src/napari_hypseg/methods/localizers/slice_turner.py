"""Telling by how much neighbouring slices are turned (seed paper, section 2.1), and where that is certain (2.2)."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.methods.localizers.base import Evidence
from napari_hypseg.methods.localizers.coherence import Array, combine, dropout_coherence, plain_coherence, slices_along
from napari_hypseg.methods.localizers.profiles import resampled
from napari_hypseg.methods.localizers.slice_settings import RotationSettings
from napari_hypseg.methods.localizers.slice_sorter import tensor_of
from napari_hypseg.nn.slice_encoder import SliceEncoder
from napari_hypseg.nn.slice_rotation import AngleClassifier, rotate_slices
from napari_hypseg.training.fit_steps import fit_steps
from napari_hypseg.volumes.coarse import CoarseVolume

EDGE = 64
"""Slices are compared at this size."""
PAIRS = 24
RATE = 2e-3
NOISE = 0.1
LOOKS = 4
"""Turns under which the certainty of a pair is averaged."""


class SliceTurner:
    """A siamese slice encoder that classifies the angle between two slices."""

    def __init__(self, settings: RotationSettings, n_channels: int) -> None:
        self._settings = settings
        self._draw = np.random.default_rng(settings.seed)
        torch.manual_seed(settings.seed)
        self.classifier = AngleClassifier(SliceEncoder(n_channels, settings.dropout), settings.angles)

    def fit(self, volumes: Sequence[CoarseVolume], device: torch.device) -> Job[None]:
        """Learn the angle between neighbouring slices of one volume along any axis."""
        flat = [tensor_of(volume, device) for volume in volumes]
        self.classifier.to(device)

        def step() -> tuple[Tensor, Mapping[str, float]]:
            volume = flat[self._draw.integers(len(flat))]
            axes = [axis for axis in range(3) if volume.shape[axis + 1] > 1]
            loss, right = self._compare(volume, int(self._draw.choice(axes)))
            return loss, {"accuracy": right}

        yield from fit_steps(self.classifier, step, self._settings.steps, RATE)

    def propose(self, volume: CoarseVolume) -> Job[Evidence]:
        """Certainty of pairs that are not turned, slice by slice, and where the embeddings carry it."""
        flat = tensor_of(volume, next(self.classifier.parameters()).device)
        generator = torch.Generator().manual_seed(self._settings.seed)
        maps, profiles = [], []
        self.classifier.eval()
        for axis in range(3):
            profiles.append(resampled(self._profile(flat, axis), volume.grid[axis]))
            maps += [plain_coherence(flat, axis), dropout_coherence(self.classifier.encoder, flat, axis, generator)]
            with torch.no_grad():
                accuracy = self._compare(flat, axis)[1]
            yield Progress("find", axis + 1, 3, {"accuracy": accuracy})
        return Evidence(combine(maps), (profiles[0], profiles[1], profiles[2]))

    def _compare(self, volume: Tensor, axis: int) -> tuple[Tensor, float]:
        """Cross entropy and share of right answers for pairs of slices turned at random."""
        first, second = self._pairs(volume, axis)
        angles = self._settings.angles
        truth = torch.from_numpy(self._draw.integers(0, angles, PAIRS)).to(volume.device)
        start = torch.from_numpy(self._draw.uniform(0, 2 * math.pi, PAIRS).astype(np.float32)).to(volume.device)
        one, two = rotate_slices(first, start), rotate_slices(second, start - truth * (2 * math.pi / angles))
        odds = self.classifier(one + NOISE * torch.randn_like(one), two + NOISE * torch.randn_like(two))
        return F.cross_entropy(odds, truth), float((odds.argmax(1) == truth).float().mean())

    def _pairs(self, volume: Tensor, axis: int) -> tuple[Tensor, Tensor]:
        """Neighbouring slices, seen through the same square window."""
        length = volume.shape[axis + 1]
        first = self._draw.integers(0, length, PAIRS)
        apart = self._draw.integers(1, self._settings.distance + 1, PAIRS) * self._draw.choice([-1, 1], PAIRS)
        second = np.clip(first + apart, 0, length - 1)
        slices = slices_along(volume, axis)
        rows, columns = slices.shape[2:]
        edge = min(rows, columns)
        corner = (int(self._draw.integers(rows - edge + 1)), int(self._draw.integers(columns - edge + 1)))
        return tuple(_window(slices[torch.from_numpy(places)], corner) for places in (first, second))  # type: ignore[return-value]

    def _profile(self, volume: Tensor, axis: int) -> Array:
        """Certainty (n,) that a slice and its neighbour are not turned, the best of the windows that cover it."""
        slices = slices_along(volume, axis)
        neighbours = torch.cat([slices[1:], slices[-2:-1]]) if len(slices) > 1 else slices
        rows, columns = slices.shape[2:]
        edge = min(rows, columns)
        corners = [(a, b) for a in _starts(rows, edge) for b in _starts(columns, edge)]
        with torch.no_grad():
            looks = [self._certainty(_window(slices, c), _window(neighbours, c)) for c in corners]
        certain: Array = torch.stack(looks).amax(0).cpu().numpy()
        return certain

    def _certainty(self, slices: Tensor, neighbours: Tensor) -> Tensor:
        """Probability of no turn, from 0 where it is chance to 1."""
        total = torch.zeros(len(slices), device=slices.device)
        for look in range(LOOKS):
            angle = torch.full((len(slices),), 0.2 + 2 * math.pi * look / LOOKS, device=slices.device)
            total += self.classifier(rotate_slices(slices, angle), rotate_slices(neighbours, angle)).softmax(1)[:, 0]
        chance = 1 / self._settings.angles
        return ((total / LOOKS - chance) / (1 - chance)).clamp(0, 1)


def _starts(length: int, edge: int) -> list[int]:
    """Corners of as few windows as cover an axis."""
    count = -(-length // edge)
    return [round(start) for start in np.linspace(0, length - edge, count)]


def _window(slices: Tensor, corner: tuple[int, int]) -> Tensor:
    edge = min(slices.shape[2:])
    seen = slices[:, :, corner[0] : corner[0] + edge, corner[1] : corner[1] + edge]
    return F.interpolate(seen, size=(EDGE, EDGE), mode="bilinear", align_corners=False)
