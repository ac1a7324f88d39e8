"""The ceiling: what a network reaches that is told the classes of the volumes it learns from."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from napari_hypseg.benchmark.regions import LEVEL_OF, Regions
from napari_hypseg.benchmark.trial import Trial
from napari_hypseg.benchmark.unet import UNet, class_loss
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.training.budget import Budget
from napari_hypseg.training.device import resolve_device
from napari_hypseg.volumes.intensity import measure_intensity
from napari_hypseg.volumes.phantom import LEVELS, NAMES, Phantom
from napari_hypseg.volumes.specimen import Specimen

CROP = 40
"""Voxels: edge of the cubes it learns from, wide enough to see most of the outer sphere."""
BATCH = 2
RATE = 2e-3

Pair = tuple[Tensor, Tensor]
"""Grey values (z, y, x) and int64 classes (z, y, x)."""


def learned_unet(trial: Trial) -> Job[UNet]:
    """A U-Net that learned the six classes within the trial's budget, ready to predict.

    Raises
    ------
    HypsegError
        If there is no such device.
    """
    torch.manual_seed(trial.seed)
    device = resolve_device(trial.effort.device)
    unet = UNet(1, len(NAMES)).to(device).train()
    optimiser = torch.optim.Adam(unet.parameters(), lr=RATE)
    pairs = [_pair(made) for made in trial.learned]
    random = np.random.default_rng(trial.seed)
    budget = Budget(trial.effort.minutes, trial.effort.steps)
    while budget.fraction < 1:
        budget.work()
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 + math.cos(math.pi * budget.fraction)) / 2
        grey, classes = _batch(pairs, random, device)
        loss = class_loss(unet(grey), classes)
        yield Progress("learn", *budget.position, {"loss": float(loss.detach())}, budget.seconds_left)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        budget.step += 1
        budget.rest()
    return unet.eval()


@torch.inference_mode()
def classes_at_levels(unet: UNet, specimen: Specimen) -> Regions:
    """The classes (z, y, x) it sees in a specimen, from 1, merged to those of each level."""
    grey = _grey(specimen).to(next(unet.parameters()).device)[None, None]
    missing = [-n % unet.stride for n in grey.shape[2:]]
    padded = F.pad(grey, [part for n in reversed(missing) for part in (0, n)], mode="replicate")
    z, y, x = grey.shape[2:]
    seen = unet(padded)[0, :, :z, :y, :x].argmax(0).cpu().numpy()
    return {k: np.array(LEVELS[level], dtype=np.uint16)[seen] + np.uint16(1) for k, level in LEVEL_OF.items()}


def _grey(specimen: Specimen) -> Tensor:
    volume = specimen.volume
    return torch.from_numpy(measure_intensity(specimen).standardise(volume.read(volume.box))[0])


def _pair(made: Phantom) -> Pair:
    return _grey(Specimen(made.volume)), torch.from_numpy(made.labels.astype(np.int64))


def _batch(pairs: Sequence[Pair], random: np.random.Generator, device: torch.device) -> Pair:
    """Random crops, grey values (b, 1, z, y, x) and classes (b, z, y, x)."""
    edge = min(CROP, *pairs[0][0].shape) // UNet.stride * UNet.stride
    drawn = [pairs[int(random.integers(len(pairs)))] for _ in range(BATCH)]
    crops = [_crop(grey, classes, edge, random) for grey, classes in drawn]
    stacked = [torch.stack(parts).to(device) for parts in zip(*crops, strict=True)]
    return stacked[0][:, None], stacked[1]


def _crop(grey: Tensor, classes: Tensor, edge: int, random: np.random.Generator) -> Pair:
    """A random cube, turned and mirrored, and inverted half of the time: the colours of classes have no sign."""
    z, y, x = (slice(start, start + edge) for start in random.integers([n - edge + 1 for n in grey.shape]).tolist())
    axes, mirrored = random.permutation(3).tolist(), np.flatnonzero(random.random(3) < 0.5).tolist()
    sign = 1 - 2 * int(random.integers(2))
    return sign * grey[z, y, x].permute(axes).flip(mirrored), classes[z, y, x].permute(axes).flip(mirrored)
