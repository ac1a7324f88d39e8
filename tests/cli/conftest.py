"""One tiny project for all tests that look at one, the words that make learning tiny, and a finder of samples."""

import shlex
import shutil
from pathlib import Path
from types import SimpleNamespace

import mrcfile
import numpy as np
import pytest
from pydantic import Field

from napari_hypseg.cli.main import main
from napari_hypseg.config import Config
from napari_hypseg.jobs import Notice, Progress
from napari_hypseg.methods import registry
from napari_hypseg.methods.localizer import Localizer
from napari_hypseg.volumes import Box
from napari_hypseg.volumes.phantom import phantom
from napari_hypseg.volumes.proposal import Proposal

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


class FindingBright:
    """Stands in for `pipeline.locate`: the sample is what is above 0.5, and nothing is learned.

    Attributes
    ----------
    calls
        Names of the volumes and the settings of each call.
    on_learn
        Called while it learns.
    """

    def __init__(self):
        self.calls = []
        self.on_learn = lambda: None

    def __call__(self, volumes, settings, also=()):
        self.calls.append(([volume.name for volume in volumes], settings))
        for number, volume in enumerate((*volumes, *also)):
            np.asarray(volume.channels[0][:])  # fails if it cannot be read
            yield Progress("read", number, len(volumes))
        for step in range(3):
            self.on_learn()
            yield Progress("learn", step, 3, {"loss": 1.0 - step / 3})
        yield Notice("Everything was easy.")
        return tuple(propose(volume, settings.method) for volume in (*volumes, *also))


def propose(volume, method):
    """The box of what is above 0.5, with coarse findings of the right form."""
    bright = np.asarray(volume.channels[0][:]) > 0.5
    ends = [np.flatnonzero(bright.any(tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    box = Box(tuple(int(e[0]) for e in ends), tuple(int(e[-1]) + 1 for e in ends)) if bright.any() else volume.box
    coarse = bright[::2, ::2, ::2].astype(np.float32)
    profiles = tuple(coarse.max(tuple({0, 1, 2} - {axis})) for axis in range(3))
    notes = () if bright.any() else ("There is no sample to be told from its surroundings.",)
    return Proposal(box, 0.9 if bright.any() else 0.05, method, coarse, (2.0, 2.0, 2.0), profiles, notes)


class BrightSettings(Config):
    """One setting of its own."""

    boldness: float = Field(0.5, ge=0, le=1, title="Boldness", description="How bold it is.")


@pytest.fixture
def locating(monkeypatch):
    """Two localizers that are installed, and a `locate` that knows where the sample is."""
    made = {
        name: Localizer(name, f"The {name} one", "Looks.", BrightSettings, lambda settings, channels: None)
        for name in ("vote", "sorting")
    }
    real = registry.entry_points

    def entry_points(group):
        if group != registry.LOCALIZERS:
            return real(group=group)
        return [SimpleNamespace(load=lambda one=one: one, value=one.name) for one in made.values()]

    monkeypatch.setattr(registry, "entry_points", entry_points)
    fake = FindingBright()
    for module in ("cli.locate", "benchmark.locating", "benchmark.resources"):
        monkeypatch.setattr(f"napari_hypseg.{module}.locate", fake)
    return fake


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
