"""Records that say what cannot be, with checksums that hold: whoever opens them is told, and nothing is computed."""

import errno
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from napari_hypseg.errors import HypsegError, OutputError, ProjectError, SettingError
from napari_hypseg.hierarchy.lookup_array import LookupArray
from napari_hypseg.hierarchy.tree import PARTS, Hierarchy
from napari_hypseg.project.project import Project
from napari_hypseg.project.project_file import RECORD
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.storage.checksum import BLANK, with_checksum
from napari_hypseg.training.checkpoint import Checkpoint, ModelRecipe, load_checkpoint, save_checkpoint
from napari_hypseg.volumes import Specimen, Volume

SHAPE = (4, 5, 6)
TREE = Hierarchy(
    np.array([2, 2, 2], np.int32),
    np.array([0, 0, 1], np.float32),
    np.array([60, 60, 120]),
    np.zeros((2, 2), np.float32),
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    volume = Volume((np.arange(120, dtype=np.float32).reshape(SHAPE),), name="cell")
    made = Project.create(tmp_path / "cell", [Specimen(volume)], RunSettings())
    (leaves,) = made.store.start_segmentation([SHAPE])
    leaves[:] = np.arange(120).reshape(SHAPE) // 60 + 1
    made.store.finish_segmentation({PARTS: TREE}, {"seconds": 1})
    made.reload()
    made.set_regions(2)
    made.keep_level("two")
    return made


def change(path: Path, how: Callable[[dict[str, Any]], object]) -> None:
    """Change a record and put its checksum right."""
    record = json.loads(path.read_text())
    how(record)
    text = json.dumps(record, indent=1).encode()
    path.write_bytes(with_checksum(re.sub(rb'"seal": "[0-9a-f]*"', b'"seal": "' + BLANK.encode() + b'"', text)))


def test_the_change_alone_does_no_harm(project: Project) -> None:
    change(project.store.project_file, lambda record: record.update(n_regions=1))
    assert Project.open(project.path).n_regions == 1


NONSENSE: list[tuple[str, Any]] = [
    ("sources", []),
    ("sources", "source.npy"),
    ("sources", [5]),
    ("shape", [4, 5]),
    ("shape", [4, -5, 6]),
    ("shape", [4, 5, 2**70]),
    ("shape", None),
    ("voxel_size", [0, 1, 1]),
    ("voxel_size", [1, 1, float("inf")]),
    ("origin", [float("nan"), 0, 0]),
    ("origin", {}),
    ("unit", "furlongs"),
    ("unit", 5),
    ("box", {"start": [0, 0, 0], "stop": [0, 0, 0]}),
    ("box", {"start": [0, 0], "stop": [1, 1, 1]}),
    ("box", [1, 2, 3]),
    ("name", None),
    ("metadata", 5),
]


@pytest.mark.parametrize(("key", "value"), NONSENSE)
def test_specimens_that_cannot_be(key: str, value: Any, project: Project) -> None:
    change(project.store.project_file, lambda record: record["specimens"][0].update({key: value}))
    with pytest.raises(ProjectError, match=rf"project\.json cannot be read as {RECORD} \({key}"):
        Project.open(project.path)


@pytest.mark.parametrize("levels", [5, [5], [{}], [{"name": "a", "nodes": "ab", "segmentation": "c"}], {"a": 1}])
def test_levels_that_cannot_be(levels: Any, project: Project) -> None:
    change(project.store.project_file, lambda record: record.update(levels=levels))
    with pytest.raises(ProjectError, match=r"project\.json"):
        Project.open(project.path)


@pytest.mark.parametrize("nodes", [[], [-1], [99], [2, 0], [10**30]])
def test_levels_of_nodes_that_are_not_there(nodes: list[int], project: Project) -> None:
    change(project.store.project_file, lambda record: record["levels"][0].update(nodes=nodes))
    opened = Project.open(project.path)
    with pytest.raises(HypsegError):
        opened.label_image(opened.levels[0])


@pytest.mark.parametrize("settings", [None, 5, [], {"method": None}, {"training": {"steps": "many"}}])
def test_settings_that_cannot_be(settings: Any, project: Project) -> None:
    change(project.store.project_file, lambda record: record.update(settings=settings))
    with pytest.raises(ProjectError, match=r"project\.json"):
        Project.open(project.path)


@pytest.mark.parametrize(
    "changed", [{"seconds": "long"}, {"step": -1}, {"history": 5}, {"history": [{"loss": "low"}]}, {"device": None}]
)
def test_a_record_of_learning_that_cannot_be(changed: dict[str, Any], project: Project) -> None:
    project.store.write_json(project.store.training_file, {"step": 3, "seconds": 1.0, "device": "cpu", "history": []})
    assert Project.open(project.path).damage == ()
    change(project.store.training_file, lambda record: record.update(changed))
    opened = Project.open(project.path)
    assert opened.training == {}
    assert any("training.json" in sentence for sentence in opened.damage)


def test_regions_of_another_grid(project: Project) -> None:
    change(project.store.project_file, lambda record: record["specimens"][0].update(shape=[4, 5, 7]))
    opened = Project.open(project.path)
    assert opened.segmentation is None
    assert any("other specimens" in sentence for sentence in opened.damage)


def test_leaves_that_the_tree_does_not_know() -> None:
    array = LookupArray(np.array([[[0, 1, 9]]], np.uint16), np.array([0, 1, 2], np.uint16))
    assert array[..., :2].tolist() == [[[0, 1]]]
    with pytest.raises(ProjectError, match="leaves that the tree does not know"):
        array[:]


@pytest.mark.parametrize(("size", "unit"), [((0, 1, 1), "nanometer"), ((1, 1, 1), "furlongs"), ((1, 1, -2), "pixel")])
def test_voxel_sizes_that_cannot_be_set(size: Any, unit: str, project: Project) -> None:
    with pytest.raises(SettingError, match="voxel size cannot be set"):
        project.correct_voxel_size(0, size, unit)


@pytest.mark.parametrize(
    "changed", [{"step": "x"}, {"recipe": 5}, {"fingerprints": None}, {"voxel_size": [0, 1, 1]}, {"n_channels": 0}]
)
def test_checkpoints_that_cannot_be(changed: dict[str, Any], tmp_path: Path) -> None:
    path, weights = tmp_path / "a.safetensors", {"weight": torch.ones(2)}
    recipe = {"method": "hyperbolic", "settings": {}, "n_channels": 1, "voxel_size": (1.0, 1.0, 1.0)}
    inner = {key: value for key, value in changed.items() if key in recipe}
    made = ModelRecipe(**{**recipe, **inner})
    state = {"recipe": made, "weights": weights, "fingerprints": ("a",)}
    checkpoint = Checkpoint(
        **{**state, **{key: value for key, value in changed.items() if key not in ("recipe", *inner)}}
    )
    if "recipe" in changed:
        object.__setattr__(made, "settings", 5)
    save_checkpoint(path, checkpoint)
    with pytest.raises(ProjectError, match="cannot be read as a checkpoint"):
        load_checkpoint(path)


def test_a_folder_that_is_no_project_is_told_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="not a hypseg project: the record of volumes, settings and kept levels"):
        Project.open(tmp_path)


def test_a_full_disk_names_what_cannot_be_kept_and_no_file_within(project: Project, monkeypatch: Any) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("napari_hypseg.storage.atomic.Staging", full)
    sentence = f"The settings and kept levels of {project.path} cannot be written: the disk is full"
    with pytest.raises(OutputError, match=re.escape(sentence)):
        project.keep_level("three")
    assert [level.name for level in project.levels] == ["two"]
