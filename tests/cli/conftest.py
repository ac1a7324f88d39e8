"""One tiny project for all tests that look at one, and the words that make learning tiny."""

import shlex
import shutil
from pathlib import Path

import mrcfile
import numpy as np
import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.volumes.phantom import phantom

TINY = shlex.split("--steps 1 --leaves 8 --crop 16 --batch 1 --width 4 --depth 1 --latent-dim 2 --device cpu")


def write_mrc(path: Path, data: np.ndarray, voxel_size: float = 10.0) -> Path:
    """A map of cubic voxels."""
    with mrcfile.new(path, data, overwrite=True) as file:
        file.voxel_size = voxel_size
    return path


@pytest.fixture(scope="session")
def tiny() -> list[str]:
    return list(TINY)


@pytest.fixture(scope="session")
def kept(tmp_path_factory) -> Path:
    """Folder with tomogram.mrc, truth.mrc and tiny.hypseg; not to be changed."""
    folder = tmp_path_factory.mktemp("kept")
    made = phantom((20, 22, 24))
    write_mrc(folder / "tomogram.mrc", np.asarray(made.volume.channels[0]))
    write_mrc(folder / "truth.mrc", made.labels.astype(np.int8))
    words = ["run", str(folder / "tomogram.mrc"), "--out", str(folder / "tiny.hypseg"), *TINY, "--json"]
    assert main(words) == 0
    return folder


@pytest.fixture
def project(kept, tmp_path) -> Path:
    """A copy of the project that may be changed."""
    return Path(shutil.copytree(kept / "tiny.hypseg", tmp_path / "tiny.hypseg"))


@pytest.fixture
def tomogram(kept) -> Path:
    return kept / "tomogram.mrc"
