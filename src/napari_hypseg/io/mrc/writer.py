"""Writing of MRC maps, of labels and of grey values."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.io.mrc import header as mrc_header
from napari_hypseg.io.mrc import header_text
from napari_hypseg.io.spatial_grid import SpatialGrid
from napari_hypseg.io.streaming import write_slabs
from napari_hypseg.io.voxel_size import ONE_PIXEL
from napari_hypseg.jobs import Job
from napari_hypseg.volumes import LazyArray, Vector3, Volume
from napari_hypseg.volumes.units import PIXEL, convert

UNKNOWN = (0.0, -1.0, -2.0, -1.0)
"""Greatest below least, mean below both, negative spread: MRC2014's way to say that there are no statistics."""


@dataclass
class Statistics:
    """Statistics of all finite voxels so far; variances are combined as by Chan, Golub and LeVeque (1983)."""

    count: int = 0
    low: float = np.inf
    high: float = -np.inf
    mean: float = 0.0
    squares: float = 0.0

    def add(self, slab: npt.NDArray[Any]) -> None:
        """Take in more voxels, of any shape."""
        values = slab[np.isfinite(slab)] if slab.dtype.kind == "f" else slab
        if not values.size:
            return
        mean = float(values.mean(dtype=np.float64))
        squares = float(values.var(dtype=np.float64)) * values.size
        shift, total = mean - self.mean, self.count + values.size
        self.squares += squares + shift**2 * self.count * values.size / total
        self.mean += shift * values.size / total
        self.count = total
        self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))

    def fields(self) -> tuple[float, float, float, float]:
        """DMIN, DMAX, DMEAN and RMS of an MRC header."""
        if not self.count:
            return UNKNOWN
        return self.low, self.high, self.mean, (self.squares / self.count) ** 0.5


EXACT_DTYPES = ("int8", "int16", "uint16", "float16", "float32")
WIDENED_DTYPES = {"bool": np.int8, "uint8": np.int16}
"""No mode means unsigned bytes to every reader (IMOD and the standard differ on mode 0); mode 1 does to all of them."""


def write_labels(path: Path, image: LabelImage) -> Job[None]:
    """Write labels in the smallest mode that holds them."""
    return _write(path, image, image.data, label_dtype(image), "export", header_text.pack_names(image.names))


def write_volume(path: Path, volume: Volume) -> Job[None]:
    """Write the one channel of `volume`, whose type is one `stored_dtype` gives."""
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


def stored_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Type of a mode for voxels of `dtype`: the same where there is one, int16 for bytes, else float32."""
    return np.dtype(dtype.name if dtype.name in EXACT_DTYPES else WIDENED_DTYPES.get(dtype.name, np.float32))


def _write(
    path: Path, place: SpatialGrid, data: LazyArray, dtype: npt.DTypeLike, stage: str, text: Sequence[str] = ()
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
        yield from write_slabs(data, dtype, stage, take)
        file.seek(0)
        file.write(_header(path.with_suffix(".header"), place, dtype, statistics, text))


def _header(path: Path, place: SpatialGrid, dtype: npt.DTypeLike, statistics: Statistics, text: Sequence[str]) -> bytes:
    """A whole MRC2014 header, made by mrcfile for a map of one voxel, with the true grid filled in."""
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
        header_text.write_lines(header, [header_text.PIXEL_MARK, *text] if in_pixels else text)
        made: bytes = header.tobytes()
    path.unlink()
    return made


def _in_angstrom(place: SpatialGrid) -> tuple[Vector3, Vector3]:
    """Voxel size and origin (z, y, x) in Å; a voxel of one pixel is written as 0, which is MRC's "unknown"."""
    if place.unit == PIXEL:
        return ((0.0, 0.0, 0.0) if place.voxel_size == ONE_PIXEL else place.voxel_size), place.origin
    size_z, size_y, size_x = (convert(edge, place.unit, "angstrom") for edge in place.voxel_size)
    z, y, x = (convert(start, place.unit, "angstrom") for start in place.origin)
    return (size_z, size_y, size_x), (z, y, x)
