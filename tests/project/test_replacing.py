"""--overwrite: the old project is there until the new one has regions, whatever happens meanwhile."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.errors import HypsegError, ProjectError
from napari_hypseg.jobs import quietly
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.project.verification import verify
from napari_hypseg.volumes import Specimen
from tests.killed_process import KilledProcesses


def is_the_old_one(path: Path) -> bool:
    """Whether a project is whole, with its level and its regions."""
    project = Project.open(path)
    return (
        quietly(verify(project)) == ()
        and [level.name for level in project.levels] == ["four"]
        and project.has_checkpoint
        and bool(project.label_image(project.level("four")).data[:].max() == 4)
    )


def test_closed_before_anything_was_learned_the_old_one_is_back(
    whole: Callable[[], Project], another: Specimen
) -> None:
    old = whole()
    content = old.store.project_file.read_bytes()
    new = Project.create(old.path, [another], RunSettings(), overwrite=True, holder=old)
    assert old.read_only
    assert (new.levels, new.segmentation, new.has_checkpoint) == ((), None, False)
    assert is_the_old_one(old.path), "to others it is the old one still"
    assert Project.open(old.path, resume=True).records[0].fingerprint == new.records[0].fingerprint
    new.close()
    assert old.store.project_file.read_bytes() == content
    opened = Project.open(old.path, write=True)
    assert is_the_old_one(opened.path)
    assert [file.name for file in opened.store.volumes.iterdir()] == ["0-0.npy"]


def test_until_it_has_regions_the_old_one_is_whole(
    whole: Callable[[], Project], another: Specimen, learned: Callable[..., None], segmented: Callable[..., str]
) -> None:
    old = whole()
    new = Project.create(old.path, [another], RunSettings(), overwrite=True, holder=old)
    learned(new, 2.0)
    new.close()
    assert is_the_old_one(old.path)
    opened = Project.open(old.path, write=True)
    assert opened.read_only
    assert "has learned but has no regions yet" in opened.notes[0]
    with pytest.raises(ProjectError, match="resume it"):
        opened.remove_level("four")
    resumed = Project.open(old.path, write=True, resume=True)
    assert (resumed.read_only, resumed.has_checkpoint, resumed.levels) == (False, True, ())
    segmented(resumed, 1.0)
    resumed.reload()
    resumed.close()
    for project in (Project.open(old.path), Project.open(old.path, write=True)):
        assert (project.levels, project.hierarchy is not None, project.replaces_another) == ((), True, False)
    assert not (old.path / "checkpoint.safetensors").exists()


def test_once_it_has_regions_the_new_one_stays(
    whole: Callable[[], Project], another: Specimen, learned: Callable[..., None], segmented: Callable[..., str]
) -> None:
    old = whole()
    (old.path / "segmentations" / "notes.txt").write_text("mine")
    (folder,) = (path for path in old.store.segmentations.iterdir() if path.is_dir())
    (folder / "figure.png").write_text("mine")
    new = Project.create(old.path, [another], RunSettings(), overwrite=True, holder=old)
    del old
    learned(new, 2.0)
    segmented(new, 1.0)
    new.reload()
    new.forget_unused()
    new.close()
    opened = Project.open(new.path, write=True)
    assert quietly(verify(opened)) == ()
    assert opened.levels == ()
    np.testing.assert_array_equal(opened.specimens[0].volume.channels[0][:], another.volume.channels[0])
    left = {path.relative_to(new.path).as_posix() for path in new.path.rglob("*") if path.is_file()}
    assert {name for name in left if "figure" in name or "notes" in name} == {
        "segmentations/notes.txt",
        f"segmentations/{folder.name}/figure.png",
    }
    made = [name for name in left if name.endswith("zarr.json") or "/c/" in name]
    assert made
    assert not any(folder.name in name for name in made)
    assert not any("0-0.npy" in name for name in left), "voxels of the old one"


def test_overwritten_twice_the_first_comes_back(whole: Callable[[], Project], another: Specimen) -> None:
    old = whole()
    new = Project.create(old.path, [another], RunSettings(), overwrite=True, holder=old)
    newer = Project.create(old.path, [another], RunSettings(), overwrite=True, holder=new)
    newer.close()
    assert is_the_old_one(old.path)


def test_a_file_of_that_name_makes_no_project(tmp_path: Path, another: Specimen) -> None:
    for number, content in enumerate(["{}", '{"format": 1}', '{"napari-hypseg": "1"}', "", "[1]", "{" * 9]):
        folder = tmp_path / f"{number}.hypseg"
        folder.mkdir()
        (folder / "project.json").write_text(content)
        (folder / "checkpoint.safetensors").write_text("mine")
        with pytest.raises(ProjectError, match="is no hypseg project"):
            Project.create(folder, [another], RunSettings(), overwrite=True)
        assert (folder / "checkpoint.safetensors").read_text() == "mine"
        assert sorted(file.name for file in folder.iterdir()) == ["checkpoint.safetensors", "project.json"]


def test_what_a_linked_folder_points_to_stays(
    whole: Callable[[], Project],
    another: Specimen,
    learned: Callable[..., None],
    segmented: Callable[..., str],
    tmp_path: Path,
) -> None:
    old = whole()
    for name in ("segmentations", "pictures"):
        (old.path / name).rename(tmp_path / name)
        (old.path / name).symlink_to(tmp_path / name)
    before = {
        path: path.stat().st_size for name in ("segmentations", "pictures") for path in (tmp_path / name).rglob("*")
    }
    old.close()
    assert is_the_old_one(old.path), "it can be read there"
    new = Project.create(old.path, [another], RunSettings(), overwrite=True)
    learned(new)
    segmented(new, 1.0)
    new.reload()
    new.forget_unused()
    new.close()
    assert before.items() <= {path: path.stat().st_size for path in before if path.exists()}.items()


@pytest.mark.parametrize("words", [["--device", "cuda"], ["--minutes", "-1"], ["--method", "nothing"]])
def test_a_wrong_setting_keeps_the_old_one(
    words: list[str], whole: Callable[[], Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    old = whole()
    old.close()
    voxels = old.path / "volumes" / "0-0.npy"
    assert main(["run", str(voxels), "--out", str(old.path), "--overwrite", *words]) == 2
    assert is_the_old_one(old.path)


def test_a_run_that_fails_before_it_learns_keeps_the_old_one(
    whole: Callable[[], Project], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise HypsegError("There is not enough memory to learn.")

    monkeypatch.setattr("napari_hypseg.training.loop.train", fail)
    old = whole()
    old.close()
    np.save(tmp_path / "new.npy", np.random.default_rng(1).normal(size=(20, 20, 20)).astype(np.float32))
    assert main(["run", str(tmp_path / "new.npy"), "--out", str(old.path), "--overwrite", "--steps", "1"]) == 1
    assert "not enough memory" in capsys.readouterr().err
    assert is_the_old_one(old.path)


def test_a_new_folder_that_fails_leaves_nothing(
    another: Specimen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("napari_hypseg.storage.npy.reserve", full)
    with pytest.raises(HypsegError, match=r"new\.hypseg/volumes/0-0\.npy cannot be written: the disk is full") as told:
        Project.create(tmp_path / "new", [another], RunSettings())
    assert ".part" not in str(told.value)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    assert Project.create(tmp_path / "new", [another], RunSettings()).path.name == "new.hypseg"


IMPORTS = """
    import sys
    from pathlib import Path
    import numpy as np
    from napari_hypseg.project.project import Project
    from napari_hypseg.project.run_settings import RunSettings
    from napari_hypseg.volumes import Specimen, Volume
"""
CREATE = """
    volume = Volume((np.ones((4, 5, 6), np.float32),), name="new")
    project = Project.create(Path(sys.argv[1]), [Specimen(volume)], RunSettings(), overwrite=True)
    project.close()
"""


def kill_at_every_step(path: Path, check: Callable[[], None], step: int) -> int:
    """Kill the creation of a project at every `step`-th file operation; gives how often."""
    at, killed = 1, True
    with KilledProcesses(IMPORTS, CREATE) as processes:
        while killed:
            killed = processes.run(at, path)
            check()
            at += step
    return at - step


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and kill -9")
def test_killed_while_replacing(whole: Callable[[], Project]) -> None:
    old = whole()
    old.close()

    def check() -> None:
        Project.open(old.path, write=True).close()
        assert is_the_old_one(old.path)
        assert not list(old.path.rglob("*.part"))

    assert kill_at_every_step(old.path, check, step=9) > 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and kill -9")
def test_killed_while_creating(tmp_path: Path) -> None:
    path = tmp_path / "new.hypseg"

    def check() -> None:
        if path.exists():
            assert quietly(verify(Project.open(path))) == ()
            for file in sorted(path.rglob("*"), reverse=True):
                file.unlink() if file.is_file() else file.rmdir()
            path.rmdir()

    assert kill_at_every_step(path, check, step=11) > 20
    assert not list(tmp_path.glob(".hypseg-*"))
