"""The ceiling: what a network reaches that is told the classes of the volumes it learns from."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks.segmentation.regions import LEVEL_OF, Regions
from benchmarks.segmentation.run_spec import RunSpec
from benchmarks.segmentation.unet import UNet, class_loss
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.training.budget import Budget
from napari_hypseg.training.device import resolve_device
from napari_hypseg.volumes.intensity import measure_intensity
from napari_hypseg.volumes.phantom import LEVELS, NAMES, Phantom
from napari_hypseg.volumes.specimen import Specimen

BATCH = 2
RATE = 3e-3
WARM_UP = 0.05
"""Share of the budget over which the rate rises; after it, it falls by half a cosine."""

Pair = tuple[Tensor, Tensor]
"""Grey values (z, y, x) and int64 classes (z, y, x)."""


def learned_unet(spec: RunSpec) -> Job[UNet]:
    """A U-Net that learned the six classes within the spec's budget, ready to predict.

    Raises
    ------
    HypsegError
        If there is no such device.
    """
    torch.manual_seed(spec.seed)
    device = resolve_device(spec.run_budget.device)
    unet = UNet(1, len(NAMES)).to(device).train()
    optimiser = torch.optim.Adam(unet.parameters(), lr=RATE)
    pairs = [_pair(made) for made in spec.learned]
    random = np.random.default_rng(spec.seed)
    budget = Budget(spec.run_budget.minutes, spec.run_budget.steps)
    while budget.fraction < 1:
        budget.work()
        for group in optimiser.param_groups:
            group["lr"] = RATE * _schedule(budget.fraction)
        grey, classes = _batch(pairs, random, device)
        loss = class_loss(_logits(unet, grey), classes)
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
    grey = _grey(specimen).to(next(unet.parameters()).device)
    seen = _logits(unet, grey[None, None])[0].argmax(0).cpu().numpy()
    return {k: np.array(LEVELS[level], dtype=np.uint16)[seen] + np.uint16(1) for k, level in LEVEL_OF.items()}


def _schedule(fraction: float) -> float:
    """Relative rate when a share of the budget is spent."""
    return min(1.0, 0.05 + fraction / WARM_UP) * (1 + math.cos(math.pi * fraction)) / 2


def _logits(unet: UNet, grey: Tensor) -> Tensor:
    """Logits (b, classes, z, y, x) of grey values (b, c, z, y, x) of any shape; faces are continued."""
    z, y, x = grey.shape[2:]
    padding = [part for n in (x, y, z) for part in (0, -n % UNet.stride)]
    logits: Tensor = unet(F.pad(grey, padding, mode="replicate"))[:, :, :z, :y, :x]
    return logits


def _grey(specimen: Specimen) -> Tensor:
    volume = specimen.volume
    return torch.from_numpy(measure_intensity(specimen).standardise(volume.read(volume.box))[0])


def _pair(made: Phantom) -> Pair:
    return _grey(Specimen(made.volume)), torch.from_numpy(made.labels.astype(np.int64))


def _batch(pairs: Sequence[Pair], random: np.random.Generator, device: torch.device) -> Pair:
    """Grey values (b, 1, z, y, x) and classes (b, z, y, x) of whole volumes: a part does not show what is outside."""
    drawn = [_turned(*pairs[int(random.integers(len(pairs)))], random) for _ in range(BATCH)]
    grey, classes = (torch.stack([pair[part] for pair in drawn]).to(device) for part in range(2))
    return grey[:, None], classes


def _turned(grey: Tensor, classes: Tensor, random: np.random.Generator) -> Pair:
    """A cube turned and mirrored at random, and inverted half of the time: the colours of classes have no sign."""
    axes, mirrored = random.permutation(3).tolist(), np.flatnonzero(random.random(3) < 0.5).tolist()
    sign = 1 - 2 * int(random.integers(2))
    return sign * grey.permute(axes).flip(mirrored), classes.permute(axes).flip(mirrored)
