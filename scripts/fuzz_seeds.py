"""Small files of every kind that is opened, to be damaged: one or two of each format, and a project."""

import bz2
import gzip
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.io import LabelImage, open_volume, write_labels
from napari_hypseg.volumes import Specimen

SHAPE = (5, 6, 7)
GREY: npt.NDArray[Any] = np.random.default_rng(0).integers(0, 2000, SHAPE).astype(np.int16)


def labels() -> LabelImage:
    """Labels with names and colours."""
    return LabelImage(
        (GREY % 5).astype(np.uint16), 4, (3.0, 2.0, 1.5), "nanometer", (10.0, -20.0, 30.5),
        names={1: "membrane", 2: "lumen µ"}, colours={1: (1.0, 0.0, 0.0, 1.0)},
    )  # fmt: skip


def _mrc(path: Path) -> None:
    import mrcfile

    with mrcfile.new(path, overwrite=True) as file:
        file.set_data(GREY)
        file.voxel_size = 10.0


def _packed(write: Callable[[Path], None], pack: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def written(path: Path) -> None:
        write(path.with_name("plain" + path.suffixes[0]))
        path.write_bytes(pack(path.with_name("plain" + path.suffixes[0]).read_bytes()))

    return written


def _tiff(**options: Any) -> Callable[[Path], None]:
    def written(path: Path) -> None:
        import tifffile

        tifffile.imwrite(path, GREY, **options)

    return written


def _zarr(zarr_format: int, **options: Any) -> Callable[[Path], None]:
    def written(path: Path) -> None:
        import zarr

        kind: Any = zarr_format
        group = zarr.create_group(path, zarr_format=kind)
        group.create_array("0", data=GREY, chunks=(3, 6, 7), **options)
        axes = [{"name": name, "type": "space", "unit": "nanometer"} for name in "zyx"]
        steps = [{"type": "scale", "scale": [2.0, 1.0, 1.0]}, {"type": "translation", "translation": [1.0, 2.0, 3.0]}]
        image = {"name": "a", "axes": axes, "datasets": [{"path": "0", "coordinateTransformations": steps}]}
        attributes = {"version": "0.5", "multiscales": [image]}
        group.attrs.update({"ome": attributes} if zarr_format == 3 else attributes)

    return written


def _sharded(path: Path) -> None:
    import zarr

    zarr.create_array(path, data=GREY, chunks=(5, 3, 7), shards=(5, 6, 7))


def _npz(path: Path) -> None:
    np.savez_compressed(path, GREY)


def _hdf5(path: Path) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        file.create_dataset("volume", data=GREY).attrs["element_size_um"] = [2.0, 1.0, 1.0]


def _box(path: Path) -> None:
    path.write_text(json.dumps({"start": [0, 1, 2], "stop": [3, 4, 5], "shape": list(SHAPE), "certainty": 0.5}))


def _project(path: Path) -> None:
    import torch

    from napari_hypseg.hierarchy.leaf_features import LeafFeatures
    from napari_hypseg.hierarchy.tree import Hierarchy
    from napari_hypseg.hierarchy.trees import TREES
    from napari_hypseg.project.project import Project
    from napari_hypseg.project.run_settings import RunSettings
    from napari_hypseg.training.checkpoint import Checkpoint, ModelRecipe, save_checkpoint

    source = path.with_name("source.npy")
    np.save(source, GREY)
    project = Project.create(path, [Specimen(open_volume(source))], RunSettings())
    heights = np.array([0, 0, 0, 0, 1, 2, 3], np.float32)
    sizes = np.array([50, 50, 50, 60, 100, 110, 210])
    points = np.random.default_rng(0).normal(size=(4, 2)).astype(np.float32)
    (leaves,) = project.store.start_segmentation([SHAPE])
    leaves[:] = (np.arange(210).reshape(SHAPE) // 50).clip(max=3) + 1
    parents = np.array([4, 4, 5, 5, 6, 6, 6], np.int32)
    trees = {name: Hierarchy(parents, heights, sizes, points, name) for name in TREES}
    words, rows = np.array([0, 1, 0, 1], np.uint16), np.full((4, 2), 0.5, np.float32)
    features = LeafFeatures(points, sizes[:4], descriptors=points, factors=points, words=words, contexts=rows)
    project.store.finish_segmentation(trees, {"seconds": 1.0, "step": 3}, features)
    project.store.write_json(project.store.training_file, {"step": 3, "seconds": 1.0, "device": "cpu"})
    recipe = ModelRecipe("hyperbolic", {}, 1, (1.0, 1.0, 1.0))
    checkpoint = Checkpoint(recipe, {"weight": torch.ones(2, 3)}, 3, 1.0, 0.5, ("abc",), project.store.identity)
    save_checkpoint(project.store.checkpoint_file, checkpoint)
    project.reload()
    project.set_regions(2)
    project.keep_level("two")


SEEDS: Mapping[str, tuple[str, Callable[[Path], None]]] = MappingProxyType(
    {
        "mrc": ("a.mrc", _mrc),
        "mrc labels": ("a.mrc", lambda path: _labels(path)),
        "mrc.gz": ("a.mrc.gz", _packed(_mrc, gzip.compress)),
        "mrc.bz2": ("a.mrc.bz2", _packed(_mrc, bz2.compress)),
        "nifti": ("a.nii", lambda path: _labels(path)),
        "nifti.gz": ("a.nii.gz", lambda path: _labels(path)),
        "npy": ("a.npy", lambda path: np.save(path, GREY)),
        "npz": ("a.npz", _npz),
        "tiff plain": ("a.tif", _tiff(photometric="minisblack")),
        "tiff deflate": ("a.tif", _tiff(photometric="minisblack", compression="zlib")),
        "tiff ome": ("a.ome.tif", _tiff(ome=True, photometric="minisblack", metadata={"axes": "ZYX"})),
        "tiff imagej": ("a.tif", lambda path: _labels(path)),
        "zarr v2": ("a.zarr", _zarr(2)),
        "zarr v3": ("a.zarr", _zarr(3)),
        "zarr v3 sharded": ("a.zarr", _sharded),
        "hdf5": ("a.h5", lambda path: _labels(path)),
        "hdf5 contiguous": ("a.h5", _hdf5),
        "box": ("a.json", _box),
        "project": ("a.hypseg", _project),
    }
)
"""For each kind the name of its file or folder, and what writes it."""


def _labels(path: Path) -> None:
    write_labels(path, labels())
