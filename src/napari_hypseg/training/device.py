"""Which device to compute on."""

import torch

from napari_hypseg.errors import SettingError


def resolve_device(name: str) -> torch.device:
    """The torch device for ``"auto"``, ``"cuda"``, ``"mps"`` or ``"cpu"``.

    Raises
    ------
    SettingError
        If the device that was asked for is not there.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(candidate for candidate, there in available.items() if there)
    if not available.get(name, False):
        found = ", ".join(candidate for candidate, there in available.items() if there)
        raise SettingError(f"The device {name} is not available here; choose auto or one of: {found}.")
    return torch.device(name)


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether a runtime error says that the device's memory is used up (MPS has no exception class of its own)."""
    return isinstance(error, torch.OutOfMemoryError) or "out of memory" in str(error).lower()
