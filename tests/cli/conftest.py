"""One tiny project for all tests that look at one, and the words that make learning tiny."""

import shlex
import shutil
from pathlib import Path

import mrcfile
import numpy as np
import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.volumes import Box
from napari_hypseg.volumes.phantom import phantom
from tests.bright_localizer import locating  # noqa: F401 - a fixture

TINY = shlex.split("--steps 1 --leaves 8 --crop 16 --batch 1 --width 4 --latent-dim 2 --device cpu")


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


SCAN = (20, 22, 24)
BLOCK = Box((4, 5, 6), (14, 17, 20))


@pytest.fixture
def scan(tmp_path):
    """Write a scan with a bright block; gives its path."""

    def make(name="scan.mrc", box=BLOCK, shape=SCAN):
        data = np.random.default_rng(0).uniform(0, 0.1, shape).astype(np.float32)
        data[box.slices] += 1
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        return write_mrc(tmp_path / name, data)

    return make
