"""Particles in one MRC file: a stack of images (space group 0) or of volumes (space group 401).

Many programs write images as if they were a volume (space group 1); then the ending ``.mrcs`` says that they are none.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.storage.atomic import replacing
from napari_hypseg.storage.reading import reading

STACK_SUFFIX = ".mrcs"


@dataclass(frozen=True, eq=False)
class ImageStack:
    """Particles of a file.

    Parameters
    ----------
    images
        Memory map (n, y, x) or (n, z, y, x).
    pixel_size
        Edge of a pixel in Å; 0 where the file does not say.
    """

    images: npt.NDArray[Any]
    pixel_size: float


def open_image_stack(path: Path) -> ImageStack:
    """Particles of an MRC file, read as they are needed.

    Raises
    ------
    InputError
        If it is damaged, or holds one image or one volume.
    """
    import mrcfile

    with reading(path, "MRC stack"):
        file = mrcfile.mmap(path, mode="r")
        images = file.data
        single = file.is_single_image() or (file.is_volume() and path.suffix.lower() != STACK_SUFFIX)
        size = float(file.voxel_size.x)
    if single or images.dtype.kind == "c":
        raise InputError(
            f"{path} holds no stack of particles; hypseg particles writes one of boxes, and of images the name of a "
            f"stack ends in {STACK_SUFFIX}."
        )
    return ImageStack(images, size)


def write_image_stack(path: Path, images: npt.NDArray[np.float32], pixel_size: float) -> None:
    """Write images (n, y, x) or volumes (n, z, y, x), whole or not at all.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    import mrcfile

    with replacing(path) as fresh, mrcfile.new(fresh, overwrite=True) as file:
        file.set_data(np.ascontiguousarray(images, dtype=np.float32))
        if images.ndim == 3:
            file.set_image_stack()
        file.voxel_size = pixel_size
