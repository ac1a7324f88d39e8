"""napari's way in: every format of the registry, and project folders.

Finding out whether a path can be read imports neither napari nor the libraries of the formats.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from napari_hypseg._napari.layer_project import PROJECT_SUFFIX
from napari_hypseg._napari.metadata_keys import VOXEL_SIZE_DOUBT
from napari_hypseg.errors import HypsegError, InputError
from napari_hypseg.io.opening import open_volume, volumes_at
from napari_hypseg.io.registry import format_of
from napari_hypseg.particles.formats.registry import refuse_as_volume
from napari_hypseg.volumes import join_channels
from napari_hypseg.volumes.anisotropy import voxel_size_doubt
from napari_hypseg.volumes.volume import Volume

logger = logging.getLogger(__name__)

FLAT = (".tif", ".tiff", ".npy", ".npz", ".zarr")
"""Endings under which not only volumes are kept."""
PICKS = (".star", ".tbl")
"""Endings of lists of particles alone; what else holds particles may hold anything, and is left to others."""
RGB_CHANNELS = (3, 4)
MOST_AT_ONCE = 8
"""Volumes of one file that are opened together."""
NO_LAYERS = [(None,)]
"""How a napari reader says that it has dealt with a file that gave no layer."""

PathOrPaths = str | Sequence[str]


def get_reader(path: PathOrPaths) -> Callable[[PathOrPaths], list[Any]] | None:
    """A reader for `path`, None if it is nothing of ours.

    Several paths (File › Open files as stack) are channels of one specimen.
    """
    paths = _paths(path)
    if len(paths) == 1 and (paths[0].suffix == PROJECT_SUFFIX or _is_picks(paths[0])):
        return read
    return read if paths and all(map(_is_volume, paths)) else None


def read(path: PathOrPaths) -> list[Any]:
    """Open `path` as layers. What goes wrong is told in one sentence in napari's notifications."""
    from napari.utils.notifications import show_error, show_warning

    try:
        layers, notes = open_layers(_paths(path))
    except HypsegError as error:
        if flat := _read_flat(_paths(path)):
            return flat
        show_error(str(error))
        return NO_LAYERS
    except Exception as error:  # a defect: the details are for the log, not for the person
        logger.exception("Reading %s failed", path)
        show_error(f"{path} cannot be opened ({type(error).__name__}: {error}); please report it with napari's log.")
        return NO_LAYERS
    for note in notes:
        show_warning(note)
    return layers or NO_LAYERS


def open_layers(paths: list[Path]) -> tuple[list[Any], Sequence[str]]:
    """Layers, as napari's readers give them, and sentences the person should read.

    Raises
    ------
    HypsegError
        If something cannot be opened.
    """
    from napari_hypseg._napari.plugin_preference import offer_writers_first

    offer_writers_first()
    if paths[0].suffix == PROJECT_SUFFIX:
        return _open_project(paths[0])
    if _is_picks(paths[0]):
        refuse_as_volume(paths[0])
    held = volumes_at(paths[0]) if len(paths) == 1 else ()
    return _open_each(held) if len(held) > 1 else _layers_of(join_channels([open_volume(path) for path in paths]))


def _open_each(held: Sequence[Path]) -> tuple[list[Any], Sequence[str]]:
    """The volumes of one file, each by itself."""
    layers, notes = list[Any](), list[str]()
    for path in held[:MOST_AT_ONCE]:
        more, told = _layers_of(open_volume(path))
        layers += more
        notes += told
    if len(held) > MOST_AT_ONCE:
        notes.append(f"Of {len(held)} volumes in this file the first {MOST_AT_ONCE} are shown.")
    return layers, list(dict.fromkeys(notes))


def _layers_of(volume: Volume) -> tuple[list[Any], Sequence[str]]:
    """Layers of a volume, and what the person should read about it."""
    from napari_hypseg._napari.volume_layers import volume_layers

    layers, doubt = list(volume_layers(volume)), voxel_size_doubt(volume)
    for _, keywords, _ in layers if doubt else ():
        keywords["metadata"][VOXEL_SIZE_DOUBT] = " ".join(doubt)
    return layers, (*volume.notes, *doubt)


def _read_flat(paths: list[Path]) -> list[Any]:
    """What napari's own reader makes of pictures, time series and the like; nothing if that is a volume.

    A volume that cannot be read is damaged, and napari might show a part of it without a word.
    """
    from npe2 import read as read_by

    if not all(path.name.lower().endswith(FLAT) for path in paths):
        return []
    try:
        layers = read_by([str(path) for path in paths], stack=len(paths) > 1, plugin_name="napari")
    except Exception:
        logger.debug("napari does not read %s either", paths, exc_info=True)
        return []
    return [] if any(_is_3d(layer) for layer in layers) and len(paths) == 1 else list(layers)


def _is_3d(layer: Sequence[Any]) -> bool:
    data = layer[0]
    shape: tuple[int, ...] = getattr(data[0] if isinstance(data, list) else data, "shape", ())
    return len(shape) == 3 and shape[-1] not in RGB_CHANNELS


def _open_project(path: Path) -> tuple[list[Any], Sequence[str]]:
    from napari_hypseg._napari.project_layers import project_layers
    from napari_hypseg.project.project import Project

    return project_layers(Project.open(path))


def _paths(path: PathOrPaths) -> list[Path]:
    return [Path(path)] if isinstance(path, str) else [Path(part) for part in path]


def _is_picks(path: Path) -> bool:
    return path.suffix.lower() in PICKS


def _is_volume(path: Path) -> bool:
    try:
        format_of(path)
    except InputError:
        return False
    return True
