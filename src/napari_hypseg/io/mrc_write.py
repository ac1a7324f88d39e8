"""Writing MRC maps, of labels and of grey values."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.io import mrc_header, mrc_names
from napari_hypseg.io.labels import LabelImage
from napari_hypseg.io.mrc_statistics import Statistics
from napari_hypseg.io.placed import Placed
from napari_hypseg.io.slabs import stream
from napari_hypseg.io.voxel_size import ONE_PIXEL
from napari_hypseg.jobs import Job
from napari_hypseg.volumes import LazyArray, Vector3, Volume
from napari_hypseg.volumes.units import PIXEL, convert

KEPT = ("int8", "int16", "uint16", "float16", "float32")
SMALL = {"bool": np.int8, "uint8": np.int16}
"""No mode means unsigned bytes to every reader (IMOD and the standard differ on mode 0); mode 1 does to all of them."""


def write_labels(path: Path, image: LabelImage) -> Job[None]:
    """Write labels in the smallest mode that holds them."""
    return _write(path, image, image.data, label_dtype(image), "export", mrc_names.pack(image.names))


def write_volume(path: Path, volume: Volume) -> Job[None]:
    """Write the one channel of `volume`, whose type is one `voxel_type` gives."""
    (channel,) = volume.channels
    return _write(path, volume, channel, channel.dtype, "save")


def label_dtype(image: LabelImage) -> npt.DTypeLike:
    """int8, int16 or uint16: the modes every program of the field reads.

    Raises
    ------
    OutputError
        If a region id is above 65535.
    """
    image.unsigned(largest=np.uint16)
    small = (kind for kind in (np.int8, np.int16) if image.maximum <= np.iinfo(kind).max)
    return next(small, np.uint16)


def voxel_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Type of a mode for voxels of `dtype`: the same where there is one, int16 for bytes, else float32."""
    return np.dtype(dtype.name if dtype.name in KEPT else SMALL.get(dtype.name, np.float32))


def _write(
    path: Path, place: Placed, data: LazyArray, dtype: npt.DTypeLike, stage: str, text: Sequence[str] = ()
) -> Job[None]:
    """Write slab by slab as plain bytes, the header last.

    Plain writes rather than a memory map: on a full disk a map kills the process, a write can be reported.
    """
    statistics = Statistics()
    with path.open("w+b") as file:

        def take(slab: npt.NDArray[Any]) -> None:
            file.write(slab.data)
            statistics.add(slab)

        file.write(bytes(mrc_header.HEADER_BYTES))
        yield from stream(data, dtype, stage, take)
        file.seek(0)
        file.write(_header(path.with_suffix(".header"), place, dtype, statistics, text))


def _header(path: Path, place: Placed, dtype: npt.DTypeLike, statistics: Statistics, text: Sequence[str]) -> bytes:
    """A whole MRC2014 header, made by mrcfile on a map of one voxel and then told the true grid."""
    import mrcfile

    depth, height, width = place.shape
    with mrcfile.new(path, overwrite=True) as file:
        file.set_data(np.zeros((1, 1, 1), dtype))
        header = file.header
        header.nz, header.ny, header.nx = header.mz, header.my, header.mx = depth, height, width
        for axis, count, edge, start in zip("zyx", place.shape, *_in_angstrom(place), strict=True):
            header.cella[axis] = count * edge
            header.origin[axis] = start
        header.dmin, header.dmax, header.dmean, header.rms = statistics.fields()
        in_pixels = place.unit == PIXEL and place.voxel_size != ONE_PIXEL
        mrc_names.write_lines(header, [mrc_names.PIXEL_MARK, *text] if in_pixels else text)
        made: bytes = header.tobytes()
    path.unlink()
    return made


def _in_angstrom(place: Placed) -> tuple[Vector3, Vector3]:
    """Voxel size and origin (z, y, x) in Å; a voxel of one pixel is written as 0, which is MRC's "unknown"."""
    if place.unit == PIXEL:
        return ((0.0, 0.0, 0.0) if place.voxel_size == ONE_PIXEL else place.voxel_size), place.origin
    size_z, size_y, size_x = (convert(edge, place.unit, "angstrom") for edge in place.voxel_size)
    z, y, x = (convert(start, place.unit, "angstrom") for start in place.origin)
    return (size_z, size_y, size_x), (z, y, x)
