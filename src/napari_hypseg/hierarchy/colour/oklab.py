"""Colours as eyes see them: OKLab for distances, sRGB for screens, and what is left of both for colour-blind eyes.

OKLab is Ottosson's (2020): lightness L in [0, 1], a (green to red), b (blue to yellow); equal steps look about equally
large. Colour-blindness is that of Machado, Oliveira and Fernandes (2009) at full severity, in linear RGB.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Colours = npt.NDArray[np.floating[Any]]

_RGB_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LMS_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_LMS_TO_RGB, _LAB_TO_LMS = np.linalg.inv(_RGB_TO_LMS), np.linalg.inv(_LMS_TO_LAB)
_PROTANOPIA = np.array(
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
)
_DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
# sRGB (IEC 61966-2-1): where the straight start of the transfer curve ends.
_LINEAR_END = 0.0031308
_GAMUT_SLACK = 1e-4
_HALVINGS = 10


def polar(lightness: Colours, chroma: Colours, hue: Colours) -> Colours:
    """OKLab (..., 3) from lightness, chroma and hue in degrees."""
    angle = np.deg2rad(hue)
    return np.stack(np.broadcast_arrays(lightness, chroma * np.cos(angle), chroma * np.sin(angle)), axis=-1)


def to_linear_rgb(lab: Colours) -> Colours:
    """Linear RGB (..., 3) of OKLab (..., 3); values outside [0, 1] cannot be shown."""
    return (lab @ _LAB_TO_LMS.T) ** 3 @ _LMS_TO_RGB.T


def to_srgb(lab: Colours) -> Colours:
    """Screen colours, sRGB (..., 3) in [0, 1], of OKLab (..., 3), clipped."""
    linear = np.clip(to_linear_rgb(lab), 0, 1)
    curved = 1.055 * np.maximum(linear, _LINEAR_END) ** (1 / 2.4) - 0.055
    return np.where(linear <= _LINEAR_END, 12.92 * linear, curved)


def from_srgb(colours: Colours) -> Colours:
    """OKLab (..., 3) of screen colours, sRGB (..., 3) in [0, 1]."""
    start = 12.92 * _LINEAR_END
    curved = ((np.maximum(colours, start) + 0.055) / 1.055) ** 2.4
    return _from_linear(np.where(colours <= start, colours / 12.92, curved))


def in_gamut(lab: Colours) -> npt.NDArray[np.bool_]:
    """Whether a screen can show each of OKLab (..., 3)."""
    linear = to_linear_rgb(lab)
    return np.asarray(((linear >= -_GAMUT_SLACK) & (linear <= 1 + _GAMUT_SLACK)).all(axis=-1))


def into_gamut(lab: Colours) -> Colours:
    """OKLab (n, 3) with its chroma lowered, lightness and hue kept, as far as a screen needs it."""
    shown = np.array(lab, dtype=np.float64)
    outside = ~in_gamut(shown)
    low, high = np.zeros(outside.sum()), np.ones(outside.sum())
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        fits = in_gamut(_with_chroma(shown[outside], middle))
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    shown[outside] = _with_chroma(shown[outside], low)
    return shown


def as_seen(lab: Colours) -> Colours:
    """OKLab (..., 3) to (..., 3, 3): as trichromats, protanopes and deuteranopes see it, one row each."""
    linear = np.clip(to_linear_rgb(lab), 0, 1)
    return np.stack([_from_linear(linear @ eye.T) for eye in (np.eye(3), _PROTANOPIA, _DEUTERANOPIA)], axis=-2)


def _with_chroma(lab: Colours, factor: Colours) -> Colours:
    return lab * np.stack([np.ones_like(factor), factor, factor], axis=-1)


def _from_linear(linear: Colours) -> Colours:
    return np.asarray(np.cbrt(np.clip(linear, 0, 1) @ _RGB_TO_LMS.T) @ _LMS_TO_LAB.T)
