"""Disks that are full or fail: what was there stays, and what is in memory is what is on disk."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from napari_hypseg.errors import HypsegError, OutputError
from napari_hypseg.jobs import quietly
from napari_hypseg.project.latent_views import DENOISED, LatentViewFolder, stored_view
from napari_hypseg.project.project import Project
from napari_hypseg.project.verification import verify
from napari_hypseg.storage import staging

FAULTS = ["fsync", "replace"]


@pytest.fixture(params=FAULTS)
def full_disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Function that lets the disk be full from now on, at one kind of operation."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def now() -> None:
        monkeypatch.setattr(os, request.param, fail)
        if request.param != "fsync":
            monkeypatch.setattr(staging, "atomic_exchange", fail)
            monkeypatch.setattr(Path, request.param, fail)

    return now


def test_a_level_that_was_not_saved_is_not_kept(whole: Callable[[], Project], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OutputError("The disk is full.")

    project = whole()
    seen: list[str] = []
    project.changed.connect(seen.append)
    monkeypatch.setattr("napari_hypseg.project.project_file.write_bytes", fail)
    before = project.levels, project.settings, project.records
    for change in (
        lambda: project.keep_level("new"),
        lambda: project.remove_level("four"),
        lambda: project.rename_level("four", "five"),
        lambda: project.configure(project.settings.model_copy(update={"method": "euclidean"})),
        lambda: project.correct_voxel_size(0, (1.0, 2.0, 3.0), "nanometer"),
    ):
        with pytest.raises(OutputError, match="disk is full"):
            change()
    assert (project.levels, project.settings, project.records) == before
    assert seen == []
    monkeypatch.undo()
    assert project.keep_level("new").name == "new"


def test_the_old_is_there_after_a_fault(
    whole: Callable[[], Project],
    learned: Callable[..., None],
    segmented: Callable[..., str],
    full_disk: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = whole()
    before = {path: path.read_bytes() for path in project.path.rglob("*") if path.is_file()}
    folder = LatentViewFolder(project, DENOISED, 0)
    (channel,) = folder.start((6, 7, 8), [0.0])
    channel[:] = 1
    full_disk()
    for write in (
        lambda: learned(project, 9.0),
        lambda: segmented(project),
        lambda: segmented(project, offset=2),
        lambda: project.keep_level("new", project.cut(2)),
        lambda: folder.finish([0.0]),
    ):
        with pytest.raises((HypsegError, OSError), match=r"the disk is full|No space left"):
            write()
    folder.drop()
    project.store.drop_segmentation()
    monkeypatch.undo()
    assert {path: path.read_bytes() for path in project.path.rglob("*") if path.is_file()} == before
    assert quietly(verify(project)) == ()
    assert stored_view(project, DENOISED) is not None


def test_a_picture_is_of_the_model_it_was_begun_with(
    whole: Callable[[], Project], learned: Callable[..., None]
) -> None:
    project = whole()
    folder = LatentViewFolder(project, DENOISED, 0)
    folder.start((6, 7, 8), [0.0])[0][:] = 1
    learned(project, 9.0)
    folder.finish([0.0])
    assert stored_view(project, DENOISED) is None


def test_where_nothing_may_be_written_pictures_are_drawn_elsewhere(
    whole: Callable[[], Project], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(path: Path) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    project = whole()
    quietly(verify(project))
    (project.store.latent_views / "denoised-0" / "record.json").unlink()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    monkeypatch.setattr("napari_hypseg.project.store.make_folders", refuse)
    folder = LatentViewFolder(project, DENOISED, 0)
    folder.start((6, 7, 8), [0.0])[0][:] = 7
    folder.finish([0.0])
    picture = stored_view(project, DENOISED)
    assert picture is not None
    assert picture.channels[0][:].min() == 7
    del picture, folder, project
    assert list(elsewhere.iterdir()) == []


def test_what_a_kill_has_left_beside_a_new_project_goes_when_it_is_opened(whole: Callable[[], Project]) -> None:
    project = whole()
    project.close()
    left = project.path.parent / f"{staging.PREFIX}left{staging.SUFFIX}"  # its process died after the project appeared
    left.mkdir()
    (left / staging.OWNER).touch()
    Project.open(project.path, write=True).close()
    assert not left.exists()
