"""A project from a stranger: its arrays name codecs, which never run."""

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.hierarchy.tree import PARTS, Hierarchy
from napari_hypseg.io import open_volume
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Specimen, Volume

SHAPE = (4, 5, 6)
POINTS = np.zeros((2, 2), np.float32)


class Payload:
    """Writes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return (Path.touch, (self.marker,))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    volume = Volume((np.arange(120, dtype=np.float32).reshape(SHAPE),), name="cell")
    made = Project.create(tmp_path / "cell", [Specimen(volume)], RunSettings())
    (leaves,) = made.store.start_segmentation([SHAPE])
    leaves[:] = np.arange(120).reshape(SHAPE) // 60 + 1
    heights = np.array([0, 0, 1], np.float32)
    made.store.finish_segmentation(
        {PARTS: Hierarchy(np.array([2, 2, 2], np.int32), heights, np.array([60, 60, 120]), POINTS)}, {}
    )
    return made


def hostile(array: Path, marker: Path) -> None:
    """Make every chunk of a zarr array of format 3 a pickle, and let its metadata ask for it to be unpickled."""
    record = json.loads((array / "zarr.json").read_text())
    record["codecs"] = [{"name": "bytes"}, {"name": "numcodecs.pickle", "configuration": {"protocol": 5}}]
    (array / "zarr.json").write_text(json.dumps(record))
    for chunk in (array / "c").rglob("*"):
        if chunk.is_file():
            chunk.write_bytes(pickle.dumps(Payload(marker)))


@pytest.mark.parametrize("name", ["tree.zarr/parents", "tree.zarr/points", "leaves-0.zarr"])
def test_the_arrays_of_a_project_run_nothing(name: str, project: Project, tmp_path: Path) -> None:
    folder = project.store.segmentation_folder(str(project.store.current_segmentation()))
    hostile(folder / name, tmp_path / "marker")
    opened = Project.open(project.path)
    assert opened.segmentation is None
    assert any("codec" in damage and name.rpartition("/")[2] in damage for damage in opened.damage)
    assert not (tmp_path / "marker").exists()


def test_a_plain_zarr_runs_nothing(tmp_path: Path) -> None:
    import zarr

    zarr.save_array(tmp_path / "a.zarr", np.ones((4, 5, 6), np.float32))
    hostile(tmp_path / "a.zarr", tmp_path / "marker")
    with pytest.raises(InputError, match="codec"):
        open_volume(tmp_path / "a.zarr").channels[0][:]
    assert not (tmp_path / "marker").exists()
