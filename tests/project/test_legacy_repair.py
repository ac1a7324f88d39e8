"""Projects of version 0.1: without checksums, and with what a kill left in them."""

import json
import shutil
from collections.abc import Callable

import pytest

from napari_hypseg.jobs import quietly
from napari_hypseg.project.project import Project
from napari_hypseg.project.verification import verify


@pytest.fixture
def earlier(whole: Callable[[], Project]) -> Project:
    """A project as the earlier version wrote it: no identity, no checksums, no descriptions of arrays."""
    project = whole()
    project.close()
    for file in project.path.rglob("*.json"):
        record = json.loads(file.read_text())
        if file.name == "zarr.json":
            continue
        for key in ("seal", "project", "arrays", "id", "suffix"):
            record.pop(key, None)
        if file.name == "project.json":
            record["format"] = 1
        file.write_text(json.dumps(record))
    project.store.checkpoint_file.unlink()
    shutil.rmtree(project.store.latent_views)
    return project


def test_it_opens_and_is_kept_in_the_new_format(earlier: Project) -> None:
    opened = Project.open(earlier.path, write=True)
    assert opened.damage == ()
    assert opened.label_image(opened.level("four")).data[:].max() == 4
    opened.keep_level("two", opened.cut(2))
    opened.close()
    again = Project.open(earlier.path)
    assert json.loads(again.store.project_file.read_text())["format"] == 3
    assert [level.name for level in again.levels] == ["four", "two"]
    assert again.segmentation is not None


def test_what_a_kill_left_is_put_right(earlier: Project) -> None:
    (folder,) = (path for path in earlier.store.segmentations.iterdir() if path.is_dir())
    folder.rename(folder.with_name(f"{folder.name}.replaced"))
    shutil.copytree(folder.with_name(f"{folder.name}.replaced"), earlier.store.segmentations / "partial")
    (earlier.path / "project.json.partial").write_text("{")
    (earlier.store.segmentations / "partial" / "figure.png").write_text("mine")
    opened = Project.open(earlier.path, write=True)
    assert opened.damage == ()
    assert opened.label_image().data[:].max() == 4
    assert sorted(path.name for path in opened.store.segmentations.iterdir() if path.is_dir()) == [
        folder.name,
        "partial",
    ]
    assert [path.name for path in (opened.store.segmentations / "partial").iterdir()] == ["figure.png"]
    assert not (earlier.path / "project.json.partial").exists()


def test_it_is_verified_as_far_as_it_can_be(earlier: Project) -> None:
    earlier.store.training_file.unlink()
    assert quietly(verify(Project.open(earlier.path))) == ()
    (chunk,) = (path for path in earlier.path.glob("segmentations/*/leaves-0.zarr/c/**/*") if path.is_file())
    chunk.write_bytes(chunk.read_bytes()[:-3])
    assert quietly(verify(Project.open(earlier.path))) != ()
