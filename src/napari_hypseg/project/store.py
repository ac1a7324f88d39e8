"""The project's folder: who writes which file, and how, so that a killed process leaves nothing half-written.

``project.json`` belongs to the `Project` object alone. The jobs write ``checkpoint.safetensors``, ``training.json`` and
folders under ``segmentations/`` and ``pictures/``; each appears under its final name only when it is complete, carries
a checksum of itself and the identity of the project it was made for. A project that takes the place of another one in
the same folder has an identity of its own, and its model and records have names of their own, so that the older one
stays whole until the newer one is complete.
"""

import errno
import hashlib
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import HypsegError, ProjectError
from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.hierarchy.tree import PARTS, Hierarchy
from napari_hypseg.project.leaf_cells import enlarged
from napari_hypseg.project.leaf_levels import LEVEL_FILES, level_name, stored_levels
from napari_hypseg.project.legacy_repair import repair
from napari_hypseg.project.record_validation import checked_training
from napari_hypseg.project.records import Segmentation
from napari_hypseg.project.tree_arrays import (
    DESCRIPTORS,
    FEATURES,
    feature_arrays,
    fingerprint_of,
    read_descriptors,
    read_features,
    read_hierarchies,
    tree_arrays,
)
from napari_hypseg.storage.array_folder import ArrayFolder, ArrayFolderWriter
from napari_hypseg.storage.atomic import make_folders, unwritable, write_bytes
from napari_hypseg.storage.checksum import checksummed_json, read_checksummed
from napari_hypseg.storage.reading import reading
from napari_hypseg.storage.staging import Staging, recover
from napari_hypseg.supervoxels.workspace import CHUNK
from napari_hypseg.training.checkpoint_file import project_of
from napari_hypseg.volumes.box import Index3

if TYPE_CHECKING:
    import zarr

CERTAINTY = "certainty"
"""Volumes of a segmentation that was carried over from another project."""
VOLUMES = "volumes"
"""Folder of the voxels that no file of the person's holds."""
OWN_KEYS = frozenset({"seal", "project", "arrays"})
"""What a record says for the store's own sake."""
_ARRAY_FILE = r"(zarr\.json|c(/\d+)*)"
SUFFIX = re.compile(r"(-[0-9a-f]{16})?")
RECORD_NAME = re.compile(rf"(training|current){SUFFIX.pattern}\.json|checkpoint{SUFFIX.pattern}\.safetensors")
SEGMENTATION_NAME = re.compile(r"[0-9a-f]{16}")
SEGMENTATION_FILES = re.compile(
    rf"((leaves|certainty)-\d+\.zarr|{LEVEL_FILES}|(tree|kinds|features)\.zarr(/\w+)?|descriptors\.zarr)/{_ARRAY_FILE}"
)
VOLUME_NAME = re.compile(r"\d+-(\d+|mask)(-new)*\.npy")
LATENT_VIEW_NAME = re.compile(r"[a-z]+-\d+")
LATENT_VIEW_FILES = re.compile(rf"\d+\.zarr/{_ARRAY_FILE}")


class Store:
    """Paths, whole writes and checked reads of one project folder.

    Parameters
    ----------
    path
        The folder.
    identity
        Of the project; empty for one that an earlier version began, whose files have no checksums.
    suffix
        What the names of its model and records end in; empty unless it was put in the place of another project.
    """

    def __init__(self, path: Path, identity: str = "", suffix: str = "") -> None:
        self.path, self.identity, self.suffix = path, identity, suffix
        self.project_file = path / "project.json"
        self.training_file = path / f"training{suffix}.json"
        self.checkpoint_file = path / f"checkpoint{suffix}.safetensors"
        self.segmentations = path / "segmentations"
        self.current_file = self.segmentations / f"current{suffix}.json"
        self.latent_views = path / "pictures"
        self.volumes = path / VOLUMES
        self._growing: ArrayFolderWriter | None = None
        self._spare: Staging | None = None

    @property
    def has_checksums(self) -> bool:
        """Whether every file of the project carries a checksum."""
        return bool(self.identity)

    @property
    def has_checkpoint(self) -> bool:
        """Whether there is a trained model of this project, be it damaged."""
        return self.checkpoint_file.exists() and project_of(self.checkpoint_file) in (None, self.identity)

    @property
    def is_complete(self) -> bool:
        """Whether this project has regions, be they damaged, and not only one that was here before."""
        try:
            return self.read_json(self.current_file) is not None
        except ProjectError:
            return True

    def segmentation_folder(self, fingerprint: str) -> Path:
        """Folder of one segmentation."""
        return self.segmentations / fingerprint

    def recover(self) -> None:
        """Complete or remove what killed processes have left in the project, and beside it while it was being made."""
        for folder in (self.path.parent, self.path, self.segmentations, self.latent_views, self.volumes):
            recover(folder)
        repair(self.path)

    def write_json(self, path: Path, record: Mapping[str, Any]) -> None:
        """Write a record of this project, whole and with a checksum.

        Raises
        ------
        OutputError
            If the folder is full or cannot be written.
        """
        write_bytes(path, checksummed_json({"project": self.identity, **record}))

    def read_json(self, path: Path) -> dict[str, Any] | None:
        """Read a record; None if there is none, or it is one of another project.

        Raises
        ------
        ProjectError
            If the file is damaged.
        """
        if not path.exists():
            return None
        with reading(path, "a project's record", "restore it from a copy or make it again", ProjectError):
            record = read_checksummed(path, required=self.has_checksums)
            own = record.get("project", "") == self.identity
        return {key: value for key, value in record.items() if key not in OWN_KEYS} if own else None

    def read_training(self) -> dict[str, Any]:
        """What is known about learning, empty before the first.

        Raises
        ------
        ProjectError
            If the record of it is damaged.
        """
        record = self.read_json(self.training_file) or {}
        with reading(self.training_file, "a record of learning", "learn again to replace it", ProjectError):
            return checked_training(record)

    def start_segmentation(self, shapes: list[Index3]) -> list["zarr.Array[Any]"]:
        """Empty leaf-id volumes, one for each grid (z, y, x), in a folder that `finish_segmentation` puts in place.

        Raises
        ------
        OSError
            If the folder is full or cannot be written.
        """
        self.drop_segmentation()
        make_folders(self.segmentations)
        recover(self.segmentations)
        self._growing = ArrayFolderWriter(self.segmentations, "segmentation")
        return self._volumes("leaves", shapes, "uint16")

    def add_certainty(self, shapes: list[Index3]) -> list["zarr.Array[Any]"]:
        """Empty volumes of percents, one for each grid (z, y, x), in the segmentation that was started.

        Raises
        ------
        OSError
            If the folder is full or cannot be written.
        """
        return self._volumes(CERTAINTY, shapes, "uint8")

    def add_leaf_levels(self, shapes: list[list[Index3]]) -> list[list["zarr.Array[Any]"]]:
        """Empty coarser levels of leaf ids, for each specimen those of its grids (z, y, x), in what was started.

        Raises
        ------
        OSError
            If the folder is full or cannot be written.
        """
        growing, chunks = self._started(), (CHUNK,) * 3
        return [
            [growing.create(level_name(i, n), grid, chunks, "uint16") for n, grid in enumerate(grids, start=1)]
            for i, grids in enumerate(shapes)
        ]

    def _volumes(self, name: str, shapes: list[Index3], dtype: str) -> list["zarr.Array[Any]"]:
        growing, chunks = self._started(), (CHUNK,) * 3
        return [growing.create(f"{name}-{i}.zarr", shape, chunks, dtype) for i, shape in enumerate(shapes)]

    def _started(self) -> ArrayFolderWriter:
        if self._growing is None:
            raise RuntimeError("No segmentation was started.")
        return self._growing

    def finish_segmentation(
        self, hierarchies: Mapping[str, Hierarchy], record: Mapping[str, Any], features: LeafFeatures | None = None
    ) -> str:
        """Add trees, by name, and what they were made of to the segmentation that was started; it is the current one.

        Gives its fingerprint, which is that of the trees alone.

        Raises
        ------
        OutputError
            If the folder is full or cannot be written.
        """
        growing = self._started()
        try:
            for name, values in (tree_arrays(hierarchies) | feature_arrays(features)).items():
                growing.create(name, values.shape, values.shape, values.dtype.name)[...] = values
            fingerprint = fingerprint_of(hierarchies)
            growing.finish({"project": self.identity, **record}, self.segmentation_folder(fingerprint))
        except OSError as error:
            raise unwritable(self.segmentations, error) from error
        finally:
            self.drop_segmentation()
        self.write_json(self.current_file, {"fingerprint": fingerprint})
        return fingerprint

    def drop_segmentation(self) -> None:
        """Remove what was started and not finished."""
        if self._growing is not None:
            self._growing.discard()
        self._growing = None

    def checkpoint_fingerprint(self) -> str:
        """Short hash of the trained model.

        Raises
        ------
        ProjectError
            If there is none, or it cannot be read.
        """
        if not self.has_checkpoint:
            raise ProjectError(f"{self.path.name} has no trained model yet; train it first.")
        with reading(self.checkpoint_file, "a checkpoint", "learn again to replace it", ProjectError):
            return hashlib.sha256(self.checkpoint_file.read_bytes()).hexdigest()[:16]

    def current_segmentation(self) -> str | None:
        """Fingerprint of the newest segmentation, None before the first.

        Raises
        ------
        ProjectError
            If the record of it is damaged.
        """
        record = self.read_json(self.current_file)
        if record is None:
            return None
        fingerprint = record.get("fingerprint")
        if not isinstance(fingerprint, str) or not SEGMENTATION_NAME.fullmatch(fingerprint):
            raise ProjectError(f"{self.current_file} is damaged; run the segmentation again from the checkpoint.")
        return fingerprint

    def load_segmentation(self, fingerprint: str, n_specimens: int) -> Segmentation:
        """Open a segmentation.

        Raises
        ------
        ProjectError
            If a part of it is missing or damaged.
        """
        folder = self.open_segmentation(fingerprint)
        with reading(folder.path, "segmentation", RESEGMENT, ProjectError):
            hierarchies, damage = read_hierarchies(folder, RESEGMENT)
            if not damage and fingerprint_of(hierarchies) != fingerprint:
                raise ValueError("its trees are not those that were written")
        percents = [f"{CERTAINTY}-{i}.zarr" for i in range(n_specimens)]
        certainty = tuple(folder.array(name) for name in percents if name in folder.names)
        record = {key: value for key, value in folder.record.items() if key not in OWN_KEYS}
        stored = [folder.array(f"leaves-{i}.zarr") for i in range(n_specimens)]
        with reading(folder.path, "segmentation", RESEGMENT, ProjectError):
            leaves = enlarged(stored, record)
        levels = stored_levels(folder, n_specimens)
        descriptors = partial(self.load_descriptors, fingerprint, hierarchies[PARTS].n_leaves)
        features = partial(self.load_features, fingerprint, hierarchies[PARTS])
        return Segmentation(fingerprint, hierarchies, leaves, record, descriptors, features, damage, certainty, levels)

    def load_descriptors(self, fingerprint: str, n_leaves: int) -> npt.NDArray[np.float32] | None:
        """Descriptors float32 (K, F) of the K leaves of a segmentation, None if an earlier version wrote it.

        Raises
        ------
        ProjectError
            If they are damaged.
        """
        folder = self.open_segmentation(fingerprint)
        with reading(folder.path / DESCRIPTORS, "the descriptors of regions", RESEGMENT, ProjectError):
            return read_descriptors(folder, n_leaves)

    def load_features(self, fingerprint: str, tree: Hierarchy) -> LeafFeatures:
        """What the trees of a segmentation, of which `tree` is one, were made of, as far as it was kept.

        Raises
        ------
        ProjectError
            If it is damaged.
        """
        folder = self.open_segmentation(fingerprint)
        with reading(folder.path / FEATURES, "the features of leaves", RESEGMENT, ProjectError):
            return read_features(folder, tree)

    def open_segmentation(self, fingerprint: str) -> ArrayFolder:
        """The folder of a segmentation, its record checked.

        Raises
        ------
        ProjectError
            If it is missing or damaged.
        """
        if not SEGMENTATION_NAME.fullmatch(fingerprint):
            raise ProjectError(f"{fingerprint!r} is no segmentation of {self.path.name}; {RESEGMENT}.")
        return ArrayFolder(self.segmentation_folder(fingerprint), "segmentation", RESEGMENT, self.has_checksums)

    def forget_segmentations(self, needed: set[str]) -> None:
        """Remove the segmentations that are not `needed`, unless somebody is reading them."""
        for folder in _folders(self.segmentations, SEGMENTATION_NAME):
            if folder.name not in needed:
                ArrayFolder.remove(folder, SEGMENTATION_FILES)

    def forget_latent_views(self, checkpoint: str) -> None:
        """Remove the latent views that were not computed from `checkpoint`, unless somebody is reading them."""
        for folder in _folders(self.latent_views, LATENT_VIEW_NAME):
            with suppress(HypsegError):  # the record may be damaged
                if self.open_latent_view(folder).record.get("checkpoint") != checkpoint:
                    ArrayFolder.remove(folder, LATENT_VIEW_FILES)

    def forget_replaced(self) -> None:
        """Remove models and records of projects in whose place this one was put."""
        own = {self.training_file, self.checkpoint_file, self.current_file}
        folders = [self.path] if self.segmentations.is_symlink() else [self.path, self.segmentations]
        for file in (file for folder in folders if folder.is_dir() for file in folder.iterdir()):
            if RECORD_NAME.fullmatch(file.name) and file not in own and file.is_file():
                with suppress(OSError):
                    file.unlink()

    def forget_volumes(self, named: set[str]) -> None:
        """Remove voxels that were written for a project and are not `named`, by their path, in its record."""
        if self.volumes.is_symlink() or not self.volumes.is_dir():
            return
        for file in self.volumes.iterdir():
            if VOLUME_NAME.fullmatch(file.name) and f"{VOLUMES}/{file.name}" not in named:
                with suppress(OSError):
                    file.unlink()

    @property
    def latent_view_folders(self) -> tuple[Path, ...]:
        """Folders of latent views: that of the project, and a temporary one if the project cannot be written to."""
        return (self.latent_views,) if self._spare is None else (self.latent_views, self._spare.fresh)

    def writable_view_folder(self) -> Path:
        """The folder new latent views are written to: that of the project, or a temporary one if it is read-only.

        Raises
        ------
        OSError
            If the disk is full or fails.
        """
        try:
            make_folders(self.latent_views)
            recover(self.latent_views)
            Staging(self.latent_views, "trial").discard()
            return self.latent_views
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
        if self._spare is None:
            temporary = Path(tempfile.gettempdir())
            recover(temporary)
            self._spare = Staging(temporary, "pictures")
            self._spare.fresh.mkdir()
        return self._spare.fresh

    def open_latent_view(self, folder: Path) -> ArrayFolder:
        """Open the folder of a latent view and verify its record.

        Raises
        ------
        ProjectError
            If it is missing or damaged.
        """
        return ArrayFolder(folder, "latent view", "remove that folder, then draw it again", self.has_checksums)


RESEGMENT = "run the segmentation again from the checkpoint"


def _folders(parent: Path, name: re.Pattern[str]) -> list[Path]:
    """Folders in `parent` whose names fit; none if `parent` is a link, since what it points to is not the project's."""
    if parent.is_symlink() or not parent.is_dir():
        return []
    return [path for path in sorted(parent.iterdir()) if name.fullmatch(path.name) and not path.is_symlink()]
