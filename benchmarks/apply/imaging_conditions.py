"""One and the same phantom as four microscopes might show it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage

from napari_hypseg.volumes.phantom import Phantom, phantom
from napari_hypseg.volumes.volume import Volume

Grey = npt.NDArray[np.float64]
EDGE = 64
NOISE = 0.25
"""Standard deviation of the white noise of the first condition; colours vary by 1."""
CONTRAST, OFFSET = 0.4, 3.0
BLUR = 1.2
"""Standard deviation in voxels."""
LOW, CYCLES = 0.35, 1.5
"""Transfer of the lowest frequencies, and oscillations of the transfer up to the highest."""


def imaged(seed: int) -> tuple[Phantom, Mapping[str, Volume]]:
    """A phantom without noise, and its volume under each condition by name; same seed, same volumes."""
    clean = phantom((EDGE,) * 3, seed, noise=0.0)
    grey = np.asarray(clean.volume.channels[0], dtype=np.float64)
    rng = np.random.default_rng(seed)
    shown = {name: (make(grey) + NOISE * rng.normal(size=grey.shape)) for name, make in CONDITIONS.items()}
    return clean, {
        name: replace(clean.volume, channels=(values.astype(np.float32),), name=name) for name, values in shown.items()
    }


def _band(grey: Grey) -> Grey:
    """As through a transfer function that starts low and oscillates, as that of an electron microscope does."""
    axes = np.meshgrid(*(fft.fftfreq(n) for n in grey.shape[:-1]), fft.rfftfreq(grey.shape[-1]), indexing="ij")
    squared = sum(axis**2 for axis in axes) / 0.5**2
    phase = np.arcsin(LOW) + np.pi * CYCLES * squared
    return np.asarray(fft.irfftn(fft.rfftn(grey) * np.sin(phase), s=grey.shape))


CONDITIONS: Mapping[str, Callable[[Grey], Grey]] = MappingProxyType(
    {
        "as it is": lambda grey: grey,
        "less contrast": lambda grey: CONTRAST * grey + OFFSET,
        "blurred": lambda grey: np.asarray(ndimage.gaussian_filter(grey, BLUR)),
        "band-limited": _band,
    }
)
"""What becomes of the grey values, before noise."""
