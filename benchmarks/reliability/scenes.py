"""The tiny tomogram, project and exports that every trial begins with, made once and copied."""

import shutil
from contextlib import closing
from pathlib import Path

import mrcfile
import numpy as np

from benchmarks.reliability.child import in_child

QUICK = (
    *("--steps", "2", "--leaves", "8", "--width", "4", "--latent-dim", "2"),
    *("--crop", "16", "--batch", "1", "--device", "cpu"),
)
"""Settings of learning with which a run takes a second."""
ENDINGS = (".mrc", ".tif", ".nii.gz", ".ome.zarr", ".h5")


def command(*words: object) -> int:
    """Carry out ``hypseg words`` in this process; gives the exit code."""
    from napari_hypseg.cli.main import main

    return main([str(word) for word in words])


def make_scene(folder: Path) -> None:
    """A tomogram, a finished project with a kept level, and one export of each kind."""
    folder.mkdir(parents=True)
    write_tomogram(folder / "t.mrc")
    steps = [
        lambda: command("run", folder / "t.mrc", "--out", folder / "p.hypseg", *QUICK),
        lambda: keep_level(folder / "p.hypseg", "old"),
        *(lambda e=e: command("export", folder / "p.hypseg", "--cut", 2, "--out", folder / f"old{e}") for e in ENDINGS),
        lambda: command("export", folder / "p.hypseg", "--what", "denoised", "--out", folder / "d.mrc"),
    ]
    for step in steps:
        ended = in_child(step, folder.parent / "log")
        if ended.code != 0:
            raise RuntimeError(f"the scene cannot be made:\n{ended.output}")


def copy_scene(scene: Path, folder: Path) -> Path:
    """A fresh copy of the scene under the same absolute name, so that the project finds its tomogram."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(scene, folder, symlinks=True)
    return folder


def write_tomogram(path: Path, seed: int = 3) -> None:
    """A noisy ball in (16, 32, 32) voxels of 10 Å."""
    shape = (16, 32, 32)
    ball = sum((axis - n / 2) ** 2 for axis, n in zip(np.indices(shape), shape, strict=True)) < 49
    noise = np.random.default_rng(seed).normal(0, 0.3, shape)
    with mrcfile.new(path, overwrite=True) as file:
        file.set_data((np.where(ball, 1.0, -1.0) + noise).astype(np.float32))
        file.voxel_size = 10.0


def keep_level(project: Path, name: str) -> int:
    """Keep a level of two regions; an error made for the person is printed and gives 1."""
    from napari_hypseg.errors import HypsegError
    from napari_hypseg.project.project import Project

    try:
        with closing(Project.open(project, write=True)) as opened:
            opened.keep_level(name, opened.cut(2))
    except HypsegError as error:
        print(error)
        return 1
    return 0
