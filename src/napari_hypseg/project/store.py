"""The project's folder: who writes which file, and how, so that a killed process leaves nothing half-written.

``project.json`` belongs to the `Project` object alone. The jobs write ``checkpoint.safetensors``, ``training.json`` and
folders under ``segmentations/`` and ``pictures/``; each appears under its final name only when it is complete.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_hypseg.errors import OutputError, ProjectError
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.project.records import Segmentation
from napari_hypseg.storage.json_text import JsonError, read_json
from napari_hypseg.storage.reading import reading
from napari_hypseg.storage.zarr_access import open_array
from napari_hypseg.volumes.box import Index3

if TYPE_CHECKING:
    import zarr

CHUNK = 48
"""Edge of a chunk in voxels: one block of the encoder on a processor, so that no chunk is written twice."""
PLANES = 16
"""Planes of a chunk of what is read plane by plane: a stack of whole planes of a wide volume is small then."""
VOLUMES = "volumes"
"""Folder of the voxels that no file of the person's holds."""
TREE_ARRAYS = ("parents", "altitudes", "sizes", "points")


class Store:
    """Paths and atomic writes of one project folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.project_file = path / "project.json"
        self.training_file = path / "training.json"
        self.checkpoint_file = path / "checkpoint.safetensors"
        self.current_file = path / "segmentations" / "current.json"
        self.partial_segmentation = path / "segmentations" / "partial"
        self.pictures = path / "pictures"

    def segmentation_folder(self, fingerprint: str) -> Path:
        """Folder of one segmentation."""
        return self.path / "segmentations" / fingerprint

    def create(self) -> None:
        """Make the folder.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            (self.path / "segmentations").mkdir(exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"The project folder {self.path} cannot be made ({error.strerror}); choose a folder you may write to."
            ) from error

    def clear(self, spared: Collection[Path]) -> None:
        """Remove what a project has written here; files somebody else put here and those in `spared` stay.

        The record goes last: a folder that is cleared only in part is still known as a project.

        Raises
        ------
        ProjectError
            If something in `spared` is a part of the project that cannot stay.
        OutputError
            If something cannot be removed.
        """
        segmentations = self.current_file.parent
        for source in spared:
            if {segmentations.resolve(), self.pictures.resolve()} & set(source.parents):
                raise ProjectError(
                    f"{source} lies inside the project {self.path} that it would replace; choose another name."
                )
        try:
            for folder in (segmentations, self.pictures):
                if folder.exists():
                    shutil.rmtree(folder)
            kept = [path for path in (self.path / VOLUMES).glob("*") if path.resolve() not in spared]
            for path in (*kept, self.checkpoint_file, self.training_file, self.project_file):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(
                f"The project {self.path} cannot be replaced ({error.strerror}); choose another name."
            ) from error

    def write_json(self, path: Path, record: Mapping[str, Any]) -> None:
        """Write under a temporary name, flush to disk, rename.

        Raises
        ------
        OutputError
            If the folder is full or cannot be written.
        """
        partial = path.with_name(path.name + ".partial")
        try:
            with partial.open("w") as stream:
                json.dump(record, stream, indent=1)
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(path)
        except OSError as error:
            raise OutputError(
                f"{path} cannot be written ({error.strerror}); free space or choose another folder."
            ) from error

    def read_json(self, path: Path) -> dict[str, Any]:
        """Read a record.

        Raises
        ------
        ProjectError
            If the file is missing or damaged.
        """
        with reading(path, "a project's record", "restore it from a copy or start the project anew", ProjectError):
            record = read_json(path)
            if not isinstance(record, dict):
                raise JsonError("it is no JSON object")
        return record

    def start_segmentation(self, shapes: list[Index3]) -> list["zarr.Array[Any]"]:
        """Empty leaf-id volumes in the partial folder, one for each grid (z, y, x)."""
        shutil.rmtree(self.partial_segmentation, ignore_errors=True)
        self.partial_segmentation.mkdir(parents=True)
        return _empty(self.partial_segmentation, "leaves", shapes, "uint16", CHUNK)

    @contextmanager
    def scratch(self, shapes: list[Index3], *dtypes: str) -> Iterator[list[list["zarr.Array[Any]"]]]:
        """Volumes for the time of a segmentation, of each of `dtypes` one for each grid; in the end they are gone."""
        folder = self.partial_segmentation / "scratch"
        try:
            yield [_empty(folder, f"{number}-{dtype}", shapes, dtype, PLANES) for number, dtype in enumerate(dtypes)]
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def finish_segmentation(self, hierarchy: Hierarchy, record: Mapping[str, Any]) -> str:
        """Add the tree to the partial folder, give the folder its final name and make it the current one.

        Raises
        ------
        OutputError
            If the folder is full or cannot be written.
        """
        try:
            return self._finish_segmentation(hierarchy, record)
        except OSError as error:
            raise OutputError(
                f"The segmentation cannot be written to {self.path} ({error.strerror}); free space and segment again."
            ) from error

    def _finish_segmentation(self, hierarchy: Hierarchy, record: Mapping[str, Any]) -> str:
        import zarr

        tree = zarr.create_group(self.partial_segmentation / "tree.zarr")
        digest = hashlib.sha256()
        for name in TREE_ARRAYS:
            array = np.ascontiguousarray(getattr(hierarchy, name))
            tree.create_array(name, data=array)
            digest.update(array.tobytes())
        fingerprint = digest.hexdigest()[:16]
        self.write_json(self.partial_segmentation / "record.json", record)
        put_in_place(self.partial_segmentation, self.segmentation_folder(fingerprint))
        self.write_json(self.current_file, {"fingerprint": fingerprint})
        return fingerprint

    def checkpoint_fingerprint(self) -> str:
        """Short hash of the trained model.

        Raises
        ------
        ProjectError
            If there is none, or it cannot be read.
        """
        try:
            return hashlib.sha256(self.checkpoint_file.read_bytes()).hexdigest()[:16]
        except FileNotFoundError as error:
            raise ProjectError(f"{self.path.name} has no trained model yet; train it first.") from error
        except OSError as error:
            raise ProjectError(f"The checkpoint {self.checkpoint_file} cannot be read ({error.strerror}).") from error

    def current_segmentation(self) -> str | None:
        """Fingerprint of the newest segmentation, None before the first."""
        if not self.current_file.exists():
            return None
        return str(self.read_json(self.current_file).get("fingerprint"))

    def load_segmentation(self, fingerprint: str, n_specimens: int) -> Segmentation:
        """Open a segmentation.

        Raises
        ------
        ProjectError
            If a part of it is missing or damaged.
        """
        folder = self.segmentation_folder(fingerprint)
        with reading(folder, "segmentation", "run the segmentation again from the checkpoint", ProjectError):
            tree = {name: open_array(folder / "tree.zarr" / name) for name in TREE_ARRAYS}
            hierarchy = Hierarchy(**{name: np.asarray(array[:]) for name, array in tree.items()})
            hierarchy.check()
            leaves = tuple(open_array(folder / f"leaves-{i}.zarr") for i in range(n_specimens))
        return Segmentation(fingerprint, hierarchy, leaves, self.read_json(folder / "record.json"))

    def forget_segmentations(self, needed: set[str]) -> None:
        """Remove the segmentations nobody refers to any more."""
        for folder in (self.path / "segmentations").iterdir():
            if folder.is_dir() and folder.name not in needed and folder != self.partial_segmentation:
                shutil.rmtree(folder, ignore_errors=True)


def _empty(folder: Path, name: str, shapes: list[Index3], dtype: str, planes: int) -> list["zarr.Array[Any]"]:
    """Volumes filled with 0, one for each grid (z, y, x), in chunks of so many `planes`."""
    import zarr

    return [
        zarr.create_array(
            folder / f"{name}-{index}.zarr",
            shape=shape,
            chunks=tuple(min(edge, n) for edge, n in zip((planes, CHUNK, CHUNK), shape, strict=True)),
            dtype=dtype,
            fill_value=0,
        )
        for index, shape in enumerate(shapes)
    ]


def put_in_place(partial: Path, folder: Path) -> None:
    """Give a complete folder its final name.

    The same made again may be on the screen: it is exchanged, never missing for long.
    """
    replaced = folder.with_name(f"{folder.name}.replaced")
    shutil.rmtree(replaced, ignore_errors=True)
    if folder.exists():
        folder.rename(replaced)
    partial.rename(folder)
    shutil.rmtree(replaced, ignore_errors=True)
