"""One holder at a time, known by name, and none that is dead."""

import errno
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from napari_hypseg.storage import lock as module
from napari_hypseg.storage.lock import FileLock, owner_of

HOLD = """
    import sys, time
    from pathlib import Path
    from napari_hypseg.storage.lock import FileLock

    lock = FileLock.acquire(Path(sys.argv[1]), "another program")
    print(lock is not None, flush=True)
    time.sleep(60)
"""


def holder(path: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", textwrap.dedent(HOLD), str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    return process


def test_a_dead_process_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holder(path) as process:
        assert FileLock.acquire(path, "a test") is None
        owner = owner_of(path)
        assert owner is not None
        assert (owner.pid, owner.what) == (process.pid, "another program")
        assert str(owner).startswith(f"another program (pid {process.pid} on ")
        process.kill()
    assert process.returncode == -signal.SIGKILL
    lock = FileLock.acquire(path, "a test")
    assert lock is not None
    assert owner_of(path).pid == os.getpid()  # type: ignore[union-attr]
    lock.release()
    assert not path.exists()
    assert owner_of(path) is None


def test_one_holder_within_a_process_too(tmp_path: Path) -> None:
    first = FileLock.acquire(tmp_path / "lock", "first")
    assert first is not None
    assert FileLock.acquire(tmp_path / "lock", "second") is None
    first.release()
    first.release()
    assert not first.held
    assert FileLock.acquire(tmp_path / "lock", "second") is not None


def test_an_object_that_is_gone_holds_nothing(tmp_path: Path) -> None:
    lock = FileLock.acquire(tmp_path / "lock", "first")
    del lock
    assert not (tmp_path / "lock").exists()


def test_readers_share_and_keep_a_writer_out(tmp_path: Path) -> None:
    path = tmp_path / "record"
    path.write_text("content")
    readers = [FileLock.share(path), FileLock.share(path)]
    assert None not in readers
    assert FileLock.acquire(path, "removing", create=False) is None
    readers.clear()
    writer = FileLock.acquire(path, "removing", create=False)
    assert writer is not None
    assert FileLock.share(path) is None
    writer.release()
    assert path.read_text() == "content"


def test_a_file_system_without_locks_keeps_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(handle: int, shared: bool) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(module, "_lock", refuse)
    lock = FileLock.acquire(tmp_path / "lock", "a test")
    assert lock is not None
    assert not lock.supported


def test_a_forked_child_does_not_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = FileLock.acquire(tmp_path / "lock", "parent")
    assert lock is not None
    child = os.getpid() + 1
    monkeypatch.setattr(os, "getpid", lambda: child)
    lock.release()
    assert (tmp_path / "lock").exists()
    assert FileLock.acquire(tmp_path / "lock", "other") is None
