"""One writer, known by name; everybody else reads."""

import errno
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from napari_hypseg import pipeline
from napari_hypseg.cli.main import main
from napari_hypseg.errors import OutputError, ProjectError
from napari_hypseg.jobs import quietly
from napari_hypseg.project.access import JOB_LOCK, RECORD_LOCK
from napari_hypseg.project.project import Project
from napari_hypseg.storage.lock import FileLock

OTHER = """
    import sys, time
    from pathlib import Path
    from napari_hypseg.project.access import WINDOW
    from napari_hypseg.project.project import Project

    project = Project.open(Path(sys.argv[1]), write=True, what=WINDOW)
    print(project.read_only, flush=True)
    if len(sys.argv) > 2:
        for number in range(int(sys.argv[2])):
            project.keep_level(f"other {number}", project.cut(3))
    else:
        time.sleep(60)
"""


def other_program(path: Path, *words: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(OTHER), str(path), *words], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "False\n"
    return process


def test_a_second_program_opens_read_only_and_is_told_why(
    whole: Callable[[], Project], capsys: pytest.CaptureFixture[str]
) -> None:
    project = whole()
    project.close()
    path = project.path
    with other_program(path) as process:
        second = Project.open(path, write=True)
        told = f"open for writing in another window (pid {process.pid} on "
        assert second.read_only
        assert told in second.notes[0]
        assert second.notes[0].endswith("; opened read-only.")
        assert second.access.refusal.endswith("; close it there."), "as an error it says what to do"
        assert second.label_image(second.level("four")).data[:].max() == 4
        for change in (
            lambda: second.keep_level("mine"),
            lambda: second.remove_level("four"),
            lambda: second.rename_level("four", "five"),
            lambda: second.configure(second.settings),
            lambda: second.correct_voxel_size(0, (1.0, 2.0, 3.0), "nanometer"),
            second.save,
            lambda: quietly(pipeline.learn(second)),
            lambda: quietly(pipeline.segment(second)),
        ):
            with pytest.raises(ProjectError, match="open for writing in another window"):
                change()
        assert [level.name for level in second.levels] == ["four"]
        second.set_regions(2)
        assert main(["run", "--resume", "--out", str(path)]) == 5
        assert told in capsys.readouterr().err
        assert main(["info", str(path), "--verify"]) == 0
        process.kill()
    assert process.returncode == -signal.SIGKILL
    third = Project.open(path, write=True)
    assert not third.read_only
    assert third.notes == ()


def test_no_edit_is_lost_and_no_reader_meets_half_a_record(whole: Callable[[], Project]) -> None:
    project = whole()
    project.close()
    path = project.path
    with other_program(path, "40") as process:
        while process.poll() is None:
            assert Project.open(path).damage == ()
    kept = [level.name for level in Project.open(path).levels]
    assert kept == ["four", *(f"other {number}" for number in range(40))]
    assert not list(path.rglob("*.part"))


def test_opened_for_reading_it_makes_no_lock(whole: Callable[[], Project]) -> None:
    project = whole()
    project.close()
    before = sorted(project.path.rglob("*"))
    opened = Project.open(project.path)
    assert sorted(project.path.rglob("*")) == before
    with pytest.raises(ProjectError, match="opened for reading"):
        opened.keep_level("mine")


def test_a_closed_project_can_be_opened_by_others(whole: Callable[[], Project]) -> None:
    project = whole()
    assert Project.open(project.path, write=True).read_only
    project.close()
    assert not (project.path / RECORD_LOCK).exists()
    assert not Project.open(project.path, write=True).read_only
    with pytest.raises(ProjectError, match="was closed"):
        project.keep_level("late")


def test_a_job_works_for_the_window_that_holds_the_record(whole: Callable[[], Project]) -> None:
    project = whole()
    worker = Project.open_for_job(project.path)
    with worker.access.job("learning"):
        with pytest.raises(ProjectError, match=rf"being worked on: learning \(pid {os.getpid()}"):
            quietly(pipeline.segment(project))
        with pytest.raises(ProjectError, match="belongs to the window"):
            worker.save()
    assert not (project.path / JOB_LOCK).exists()


def test_a_read_only_folder_is_opened_for_reading(
    whole: Callable[[], Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, so the refusal is made here instead of with permissions."""
    project = whole()
    project.close()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    opened = Project.open(project.path, write=True)
    assert opened.read_only
    assert "read-only disk" in opened.notes[0]
    assert not (project.path / RECORD_LOCK).exists()


def test_where_locks_are_unknown_a_changed_record_is_not_overwritten(
    whole: Callable[[], Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = whole()
    project.close()
    acquire = FileLock.acquire

    def unsupported(path: Path, what: str, create: bool = True) -> FileLock | None:
        lock = acquire(path.with_name(f"{path.name}.{len(list(path.parent.iterdir()))}"), what, create)
        if lock is not None:
            lock.supported = False
        return lock

    monkeypatch.setattr("napari_hypseg.project.access.FileLock.acquire", unsupported)
    first, second = (Project.open(project.path, write=True) for _ in range(2))
    assert "no locks" in first.notes[0]
    first.keep_level("first", first.cut(2))
    with pytest.raises(ProjectError, match="was changed by another program"):
        second.keep_level("second", second.cut(2))
    assert [level.name for level in Project.open(project.path).levels] == ["four", "first"]


def test_superseded_regions_go_unless_somebody_reads_them(
    whole: Callable[[], Project], segmented: Callable[..., str]
) -> None:
    project = whole()
    project.remove_level("four")
    reader = Project.open(project.path)
    old = project.segmentation.fingerprint  # type: ignore[union-attr]
    segmented(project, offset=1)
    project.reload()
    project.forget_unused()
    assert reader.leaves[0][:].max() == 4
    assert project.store.segmentation_folder(old).exists()
    del reader
    project.forget_unused()
    assert not project.store.segmentation_folder(old).exists()
    assert project.leaves[0][:].max() == 4


def test_a_full_disk_under_a_jobs_lock_is_told(whole: Callable[[], Project], monkeypatch: pytest.MonkeyPatch) -> None:
    project = whole()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(FileLock, "acquire", full)
    with pytest.raises(OutputError, match="the disk is full"):
        quietly(pipeline.learn(project))
