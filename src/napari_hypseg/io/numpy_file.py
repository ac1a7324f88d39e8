"""NumPy's own files; pickled objects in them are never loaded."""

import shutil
import zipfile
from pathlib import Path

import numpy as np

from napari_hypseg.errors import InputError
from napari_hypseg.io import content
from napari_hypseg.io.file_array import FileArray
from napari_hypseg.io.format import Format
from napari_hypseg.io.slabs import stream
from napari_hypseg.io.voxel_size import ONE_PIXEL, settle
from napari_hypseg.jobs import Job, Notice
from napari_hypseg.storage.scratch import Scratch, filling
from napari_hypseg.volumes import Volume
from napari_hypseg.volumes.units import PIXEL


def read(path: Path) -> Volume:
    """Open an array (z, y, x) by memory map; an ``.npz`` must hold exactly one."""
    plain, scratch = _only_member(path) if zipfile.is_zipfile(path) else (path, None)
    array = _map(plain, path, scratch)
    content.check_dtype(path, array.stored)
    content.check_shape(path, array.shape)
    size, unit, notes = settle(path, ONE_PIXEL, PIXEL)
    return Volume((array,), size, unit, notes=notes)


def write_volume(path: Path, volume: Volume) -> Job[None]:
    """Write the one channel of `volume`; of its place a `Notice` says that it is lost."""
    (channel,) = volume.channels
    with path.open("wb") as file:
        header = {"shape": volume.shape, "fortran_order": False, "descr": np.lib.format.dtype_to_descr(channel.dtype)}
        np.lib.format.write_array_header_2_0(file, header)
        yield from stream(channel, channel.dtype, "save", lambda slab: file.write(slab.data))
    yield Notice(f"{path.name} holds voxels alone: NumPy's files have no room for voxel size and origin.")


def _map(plain: Path, source: Path, scratch: Scratch | None) -> FileArray:
    try:
        mapped = np.load(plain, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        if "Python objects" in str(error) or "allow_pickle" in str(error):
            raise InputError(f"{source} holds Python objects, not numbers; save a plain array of numbers.") from error
        raise InputError(f"{source} is not a NumPy array or is cut short; save it again with numpy.save.") from error
    backwards = mapped.flags.f_contiguous and not mapped.flags.c_contiguous
    return FileArray(
        plain,
        mapped.dtype,
        mapped.shape[::-1] if backwards else mapped.shape,
        offset=mapped.offset,
        axes=tuple(reversed(range(mapped.ndim))) if backwards else None,
        source=source,
        keep=scratch,
    )


def _only_member(path: Path) -> tuple[Path, Scratch]:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".npy")]
        if len(names) != 1:
            raise InputError(f"{path} holds {len(names)} arrays; save the one you mean with numpy.save.")
        try:
            with filling(path, ".npy") as scratch, archive.open(names[0]) as packed, scratch.path.open("wb") as plain:
                shutil.copyfileobj(packed, plain)
        except (zipfile.BadZipFile, EOFError) as error:
            raise InputError(f"{path} is damaged; save it again.") from error
    return scratch.path, scratch


FORMAT = Format(
    name="numpy",
    title="NumPy array",
    suffixes=(".npy", ".npz"),
    read=read,
    write_volume=write_volume,
    written=(".npy",),
)
