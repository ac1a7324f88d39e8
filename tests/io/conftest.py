"""Small asymmetric volumes with distinct voxels: no axis can be swapped or flipped without a test noticing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mrcfile
import numpy as np
import numpy.typing as npt
import pytest

from napari_hypseg.io import LabelImage

SHAPE = (5, 6, 7)


@pytest.fixture
def distinct() -> npt.NDArray[np.uint16]:
    """Voxels 0..209 of shape (5, 6, 7)."""
    return np.arange(np.prod(SHAPE), dtype=np.uint16).reshape(SHAPE)


@pytest.fixture
def labels(distinct: npt.NDArray[np.uint16]) -> LabelImage:
    return LabelImage(
        distinct,
        maximum=209,
        voxel_size=(3.0, 2.0, 1.5),
        unit="nanometer",
        origin=(10.0, -20.0, 30.5),
        names={1: "membrane", 2: "lumen µ", 200: "filament"},
        colours={1: (1.0, 0.0, 0.0, 1.0), 2: (0.0, 0.4, 1.0, 1.0)},
    )


@pytest.fixture
def write_mrc(tmp_path: Path) -> Callable[..., Path]:
    """Write an MRC file with mrcfile, then change header fields as the test wants them."""

    def write(data: npt.NDArray[Any], name: str = "map.mrc", size: Any = 10.0, **fields: Any) -> Path:
        path = tmp_path / name
        with mrcfile.new(path, overwrite=True) as file:
            file.set_data(data)
            file.voxel_size = size
            for key, value in fields.items():
                file.header[key] = value
        return path

    return write
