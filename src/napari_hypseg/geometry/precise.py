"""Where one-dimensional densities are computed: in float64, beside a device that has none on the processor."""

import torch
from torch import Tensor

WITHOUT_DOUBLES = ("mps",)


def precise_device(device: torch.device) -> torch.device:
    """`device`, or the processor where it has no float64."""
    return torch.device("cpu") if device.type in WITHOUT_DOUBLES else device


def precise(x: Tensor) -> Tensor:
    """`x` in float64."""
    return x.to(precise_device(x.device), torch.float64)


def precise_generator(generator: torch.Generator | None) -> torch.Generator | None:
    """`generator`, or one on the processor that starts from it."""
    if generator is None or precise_device(generator.device) == generator.device:
        return generator
    seed = torch.randint(2**31, (), generator=generator, device=generator.device)
    return torch.Generator().manual_seed(int(seed))
