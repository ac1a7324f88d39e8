"""Latent views as a project stores them: one folder for each view of each specimen.

A latent view belongs to the checkpoint it was computed from; after further training it counts as missing and is
computed again.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import HypsegError, ProjectError
from napari_hypseg.hierarchy.cuts import Cut, lookup, region_nodes
from napari_hypseg.hierarchy.lookup_array import LookupArray
from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.project.project import Project
from napari_hypseg.project.records import Segmentation
from napari_hypseg.storage.array_folder import ArrayFolder, ArrayFolderWriter
from napari_hypseg.supervoxels.workspace import CHUNK
from napari_hypseg.volumes.volume import LazyArray, Volume

if TYPE_CHECKING:
    import zarr

DENOISED = "denoised"
COMPONENTS = "components"
RECONSTRUCTION = "reconstruction"
TITLES: Mapping[str, str] = {
    DENOISED: "denoised",
    COMPONENTS: "latent component",
    RECONSTRUCTION: "regions as learned",
}
"""Names of the volumes in the window."""
DOUBTFUL = " (learned too little)"
"""Appended to the name of a latent view of a model that does not reconstruct the volume yet."""


class LatentViewFolder:
    """The folder of one latent view: channels as zarr arrays, and a record of what they were computed from.

    Parameters
    ----------
    project
        The project.
    name
        Which latent view.
    specimen
        Of which specimen.
    """

    def __init__(self, project: Project, name: str, specimen: int) -> None:
        self._store, self._name = project.store, f"{name}-{specimen}"
        self._growing: ArrayFolderWriter | None = None
        self._checkpoint = ""

    def start(
        self, shape: Sequence[int], outside: Sequence[float], dtype: npt.DTypeLike = np.float32
    ) -> list["zarr.Array[Any]"]:
        """Empty channels of `shape` and `dtype`, filled with `outside`, in a folder that `finish` shows.

        Raises
        ------
        OSError
            If the disk is full or fails.
        """
        self.drop()
        self._checkpoint = self._store.checkpoint_fingerprint()
        self._growing = ArrayFolderWriter(self._store.writable_view_folder(), self._name)
        chunks = (CHUNK,) * 3 if len(shape) == 3 else shape
        return [
            self._growing.create(f"{number}.zarr", shape, chunks, np.dtype(dtype).name, value)
            for number, value in enumerate(outside)
        ]

    def finish(self, outside: Sequence[float], **record: Any) -> None:
        """Put what was started in place of an older view.

        Raises
        ------
        OSError
            If the disk is full or fails.
        """
        if self._growing is not None:
            known = {"checkpoint": self._checkpoint, "outside": [float(value) for value in outside]}
            self._growing.finish({**record, **known, "project": self._store.identity})

    def drop(self) -> None:
        """Remove what was not finished."""
        if self._growing is not None:
            self._growing.discard()
        self._growing = None

    def record(self) -> dict[str, Any] | None:
        """The record of the view; None if there is none, or it is damaged or of an earlier checkpoint."""
        folder = self._open()
        return None if folder is None else folder.record

    def channels(self, count: int) -> tuple[LazyArray, ...] | None:
        """The first `count` channels, None if one is damaged."""
        folder = self._open()
        try:
            return None if folder is None else tuple(folder.array(f"{number}.zarr") for number in range(count))
        except HypsegError:
            return None

    def _open(self) -> ArrayFolder | None:
        """The folder, if there is one of the present checkpoint."""
        for parent in self._store.latent_view_folders:
            try:
                folder = self._store.open_latent_view(parent / self._name)
                if folder.record["checkpoint"] == self._store.checkpoint_fingerprint():
                    return folder
            except (HypsegError, KeyError):
                continue
        return None


def stored_view(project: Project, name: str, specimen: int = 0, count: int | None = None) -> Volume | None:
    """A stored view with a value for each voxel, None if it has to be computed.

    Parameters
    ----------
    project
        The project.
    name
        `DENOISED` or `COMPONENTS`.
    specimen
        Of which specimen.
    count
        How many channels are wanted, all by default; None is given if there are fewer.
    """
    folder = LatentViewFolder(project, name, specimen)
    record = folder.record()
    if record is None or len(record["outside"]) < (count or 0):
        return None
    channels = folder.channels(len(record["outside"]) if count is None else count)
    if channels is None:
        return None
    notes = [_shared_out(record["shares"][:count])] if "shares" in record else []
    return _placed(project, name, specimen, channels, record.get("doubts", ()), notes)


def region_view(project: Project, segmentation: Segmentation, cut: Cut, specimen: int = 0) -> Volume | None:
    """Each region of `cut` in the grey values of its centre, None if the nodes have to be decoded first."""
    folder = LatentViewFolder(project, RECONSTRUCTION, specimen)
    record = folder.record()
    if record is None or (record.get("segmentation"), record.get("tree", PARTS)) != (
        segmentation.fingerprint,
        cut.tree,
    ):
        return None
    values = folder.channels(len(record["outside"]))
    if values is None:
        return None
    tree = segmentation.tree(cut.tree)
    regions, nodes = lookup(tree, cut), region_nodes(tree, cut)
    tables = [
        np.concatenate([[outside], channel[nodes]]).astype(channel.dtype)[regions]
        for outside, channel in zip(record["outside"], map(np.asarray, values), strict=True)
    ]
    leaves = segmentation.leaves[specimen]
    arrays = [LookupArray(leaves, table) for table in tables]
    return _placed(project, RECONSTRUCTION, specimen, arrays, record.get("doubts", ()))


def read_back(view: Volume | None) -> Volume:
    """A view that was just computed.

    Raises
    ------
    ProjectError
        If it is not there.
    """
    if view is None:
        raise ProjectError("The latent view was computed but cannot be read again; the model has changed meanwhile.")
    return view


def _shared_out(shares: Sequence[float]) -> str:
    """Share of the variance that each component explains."""
    listed = ", ".join(f"{share:.0%}" for share in shares)
    return f"The components explain {listed} of the variance of the latent space."


def _placed(
    project: Project,
    name: str,
    specimen: int,
    channels: Sequence[LazyArray],
    doubts: Sequence[str],
    notes: Sequence[str] = (),
) -> Volume:
    record = project.records[specimen]
    return Volume(
        channels=tuple(channels),
        voxel_size=record.voxel_size,
        unit=record.unit,
        origin=record.origin,
        name=f"{TITLES[name]}{DOUBTFUL}" if doubts else TITLES[name],
        notes=(*doubts, *notes),
        metadata=dict(record.metadata),
        direction=record.direction,
    )
