"""What a file may hold: three axes of real numbers. Anything else gets its sentence here, one for all formats."""

from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.errors import InputError


def check_dtype(path: Path, dtype: np.dtype[Any]) -> None:
    """Refuse numbers that are not real.

    Raises
    ------
    InputError
        If `dtype` is complex, a colour record, or anything but bool, integer or float.
    """
    if dtype.kind == "c":
        raise InputError(
            f"{path} holds complex numbers (a Fourier transform, perhaps); save its real part or magnitude instead."
        )
    if dtype.names is not None:
        raise rgb(path)
    if dtype.kind not in "biuf":
        raise InputError(f"{path} holds {dtype.name} values; save it as integers or floating-point numbers.")


def check_shape(path: Path, shape: tuple[int, ...]) -> None:
    """Refuse grids that do not have three axes of at least two voxels.

    Raises
    ------
    InputError
        If `shape` is empty, 2-D or has more than three axes.
    """
    if not shape or min(shape) < 1:
        raise InputError(f"{path} holds no voxels (its shape is {shape}); export the volume again.")
    if len(shape) > 3:
        raise stack(path, shape)
    if len(shape) < 3 or 1 in shape:
        raise flat(path, shape)


def check_length(path: Path, found: int, needed: int) -> None:
    """Refuse a file of `found` bytes whose header promises `needed`.

    Raises
    ------
    InputError
        If the file is too short.
    """
    if found < needed:
        raise InputError(
            f"{path} is cut short: its header promises {needed} bytes but there are {found}; copy or download it again."
        )


def flat(path: Path, shape: tuple[int, ...]) -> InputError:
    """The sentence for a 2-D image."""
    grid = " × ".join(map(str, shape))
    return InputError(f"{path} is a 2-D image ({grid}); open a volume with three axes, or stack its sections first.")


def stack(path: Path, shape: tuple[int, ...]) -> InputError:
    """The sentence for a stack of volumes or a time series."""
    grid = " × ".join(map(str, shape))
    return InputError(
        f"{path} is a {len(shape)}-D stack ({grid}), not one volume; save each volume or channel as a file of its own."
    )


def rgb(path: Path) -> InputError:
    """The sentence for a colour image."""
    return InputError(
        f"{path} is an RGB colour image; save it as grey values, or each colour as a channel in a file of its own."
    )
