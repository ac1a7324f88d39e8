"""Which device to compute on."""

import torch

from napari_hypseg.errors import SettingError

OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "alloc_failed")
"""How MPS, a processor and the libraries of CUDA say it."""


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
    """Whether a runtime error says that the device's memory is used up (only CUDA's allocator has a class for it)."""
    text = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or any(words in text for words in OUT_OF_MEMORY)
