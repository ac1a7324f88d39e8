"""Which data set of an HDF5 file is meant, and whether it may be read: nothing outside the file is ever opened."""

import math
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.errors import InputError
from napari_hypseg.io.hdf5 import spatial_metadata

MAX_OBJECTS = 10_000
"""Groups and data sets of a file that are looked at."""
MAX_LINKS = 16
MAX_LISTED = 8
MAX_CHUNK = 2**31
SMALL_CHUNK = 2**28
"""Bytes up to which a chunk may be larger than its data set."""

DEFLATE, SHUFFLE, FLETCHER32, LZF = 1, 2, 3, 32000
COMPRESSORS = frozenset({DEFLATE, LZF})


def find_dataset(path: Path, file: Any, inner: str) -> Any:
    """The data set `inner` of the open HDF5 file `path`; without a name, or for a group, the only volume in it.

    Raises
    ------
    InputError
        If there is none or more than one, or it lies in another file.
    """
    node = _resolve(path, file, inner)
    if hasattr(node, "shape"):
        return node
    found = find_volumes(node)
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{path.name}{one.name}" for one in found[:MAX_LISTED])
    if not found:
        raise InputError(f"{path} holds no volume with three axes of numbers; check that it is the right file.")
    more = " and more" if len(found) > MAX_LISTED else ""
    raise InputError(f"{path} holds {len(found)} volumes; name the one you mean: {listed}{more}.")


def find_volumes(group: Any) -> list[Any]:
    """Data sets below `group` with three axes and perhaps channels, in the order of their names."""
    seen, found = [0], list[Any]()

    def look(_: str, node: Any) -> bool | None:
        seen[0] += 1
        if hasattr(node, "shape") and spatial_metadata.is_volume(node):
            found.append(node)
        return True if seen[0] >= MAX_OBJECTS else None

    group.visititems(look)
    return found


def check_storage(path: Path, dataset: Any) -> None:
    """Refuse voxels that lie in other files, filters that HDF5 does not have built in, and chunks too large to read.

    Raises
    ------
    InputError
        Naming what is not read.
    """
    if dataset.is_virtual or dataset.external:
        raise InputError(f"{path} refers to voxels in other files, which are not opened; save it as one file.")
    filters = filters_of(dataset)
    codes = [code for code, _ in filters]
    for code, name in filters:
        if code not in COMPRESSORS | {SHUFFLE, FLETCHER32}:
            raise InputError(f"{path} is packed with the filter {name!r}, which is not read; save it again with gzip.")
    packing = [code for code in codes if code in COMPRESSORS]
    if len(packing) > 1 or (packing and set(codes[codes.index(packing[0]) + 1 :]) - {FLETCHER32}):
        raise InputError(f"{path} is packed twice, which no program does; save it again with gzip.")
    if dataset.chunks is None:
        return
    chunk, whole = (math.prod(shape) * dataset.dtype.itemsize for shape in (dataset.chunks, dataset.shape))
    if chunk > MAX_CHUNK or chunk > max(SMALL_CHUNK, 2 * whole):
        raise InputError(
            f"{path} is stored in chunks of {chunk / 2**30:.1f} GB, too large to be read in pieces; save it again "
            "with smaller chunks."
        )


def filters_of(dataset: Any) -> list[tuple[int, str]]:
    """Number and name of the filters of a data set, in the order of packing."""
    plist = dataset.id.get_create_plist()
    filters = (plist.get_filter(number) for number in range(plist.get_nfilters()))
    return [(int(code), name.decode(errors="replace")) for code, _, _, name in filters]


def _resolve(path: Path, file: Any, inner: str) -> Any:
    """What `inner` names, link by link, so that none leads out of the file."""
    import h5py

    node, parts, followed = file, deque(part for part in inner.split("/") if part), 0
    while parts:
        name = parts.popleft()
        link = node.get(name, getlink=True) if isinstance(node, h5py.Group) else None
        if isinstance(link, h5py.SoftLink) and followed < MAX_LINKS:
            followed += 1
            parts.extendleft(reversed([part for part in link.path.split("/") if part]))
            node = file if link.path.startswith("/") else node
        elif isinstance(link, h5py.HardLink):
            node = node[name]
        elif isinstance(link, h5py.ExternalLink):
            raise InputError(f"{path}/{inner} leads to another file, which is not opened; open that file itself.")
        else:
            held = ", ".join(one.name.lstrip("/") for one in find_volumes(file)[:MAX_LISTED]) or "no volume"
            raise InputError(f"{path} holds no data set {inner!r}; it holds {held}.")
    if not isinstance(node, h5py.Group | h5py.Dataset):
        raise InputError(f"{path}/{inner} is no data set; name one that holds voxels.")
    return node


def numeric_dtype(path: Path, dataset: Any) -> np.dtype[Any]:
    """Data type of a data set; bool and other enumerations are integers.

    Raises
    ------
    InputError
        If it is none that NumPy has.
    """
    try:
        dtype: np.dtype[Any] = np.dtype(dataset.dtype)
        return dtype
    except TypeError as error:
        raise InputError(f"{path} holds values that are no numbers; save it as integers or floats.") from error
