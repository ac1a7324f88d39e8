"""What a kill, a fault or another process does to something that is being written."""

import errno
import os
from pathlib import Path

import pytest

from napari_hypseg.errors import OutputError
from napari_hypseg.storage import atomic_exchange, staging
from napari_hypseg.storage.atomic import replacing, write_bytes
from napari_hypseg.storage.staging import Staging, recover
from napari_hypseg.storage.sync import sync_folder
from tests.killed_process import KilledProcesses

NO_EXCHANGE = [False, True]


@pytest.fixture(params=NO_EXCHANGE, ids=["exchange", "two renames"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """A system that can let two names change places, and one that cannot."""
    if request.param:
        monkeypatch.setattr(staging, "atomic_exchange", lambda one, other: False)
    return bool(request.param)


def folder_of(path: Path, content: str) -> None:
    path.mkdir()
    (path / "inside").write_text(content)


def content_of(path: Path) -> str:
    return (path / "inside").read_text() if path.is_dir() else path.read_text()


@pytest.mark.parametrize("make", [folder_of, Path.write_text], ids=["folder", "file"])
def test_the_new_takes_the_place_of_the_old(make: object, system: bool, tmp_path: Path) -> None:
    target = tmp_path / "thing"
    for content in ("old", "new"):
        with replacing(target) as fresh:
            make(fresh, content)  # type: ignore[operator]
        assert content_of(target) == content
    assert [entry.name for entry in tmp_path.iterdir()] == ["thing"]


@pytest.mark.parametrize("fails", ["rename", "fsync"])
def test_a_fault_restores_the_old_folder(
    fails: str, system: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_of(tmp_path / "thing", "old")

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def write() -> None:
        with replacing(tmp_path / "thing") as fresh:
            folder_of(fresh, "new")
            if fails == "fsync":
                monkeypatch.setattr(os, "fsync", fail)
            elif system:
                rename = Path.rename
                monkeypatch.setattr(Path, "rename", lambda s, t: fail() if s == fresh else rename(s, t))
            else:
                monkeypatch.setattr(staging, "atomic_exchange", fail)

    with pytest.raises(OutputError, match="thing cannot be written: the disk reports a fault"):
        write()
    assert content_of(tmp_path / "thing") == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["thing"]


def test_both_are_kept_where_the_old_cannot_be_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that goes away between two renames: the exchange is completed when it is back."""
    monkeypatch.setattr(staging, "atomic_exchange", lambda one, other: False)
    folder_of(tmp_path / "thing", "old")
    rename = Path.rename

    def only_aside(self: Path, target: Path) -> Path:
        if self.parent != tmp_path:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return rename(self, target)

    def write() -> None:
        with replacing(tmp_path / "thing") as fresh:
            folder_of(fresh, "new")
            monkeypatch.setattr(Path, "rename", only_aside)

    with pytest.raises(OutputError):
        write()
    assert not (tmp_path / "thing").exists()
    monkeypatch.setattr(Path, "rename", rename)
    recover(tmp_path)
    assert content_of(tmp_path / "thing") == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["thing"]


IMPORTS = """
    import sys
    from pathlib import Path
    from napari_hypseg.storage import staging
    from napari_hypseg.storage.atomic import replacing
"""
REPLACE = """
    if sys.argv[2] == "True":
        staging.atomic_exchange = lambda one, other: False
    staging.atomic_exchange = deadly(staging.atomic_exchange)
    with replacing(Path(sys.argv[1]) / "thing") as fresh:
        fresh.mkdir()
        (fresh / "inside").write_text("new")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and kill -9")
@pytest.mark.parametrize("two_renames", [False, True])
def test_killed_at_every_step(two_renames: bool, tmp_path: Path) -> None:
    killed, at = True, 0
    with KilledProcesses(IMPORTS, REPLACE) as processes:
        while killed:
            at += 1
            folder = tmp_path / str(at)
            folder.mkdir()
            folder_of(folder / "thing", "old")
            killed = processes.run(at, folder, two_renames)
            recover(folder)
            assert content_of(folder / "thing") in ("old", "new"), at
            assert [entry.name for entry in folder.iterdir()] == ["thing"], at
    assert at > 10
    assert content_of(folder / "thing") == "new"


def test_what_a_living_process_writes_is_left_alone(tmp_path: Path) -> None:
    ours = Staging(tmp_path, "thing")
    ours.fresh.write_text("half")
    recover(tmp_path)
    assert ours.commit().read_text() == "half"


def test_a_name_that_is_taken_is_not_replaced_unasked(tmp_path: Path) -> None:
    folder_of(tmp_path / "thing", "old")
    new = Staging(tmp_path, "thing")
    folder_of(new.fresh, "new")
    with pytest.raises(FileExistsError):
        new.commit(over=False)
    new.discard()
    (tmp_path / "empty").mkdir()
    new = Staging(tmp_path, "other")
    folder_of(new.fresh, "new")
    assert content_of(new.commit(tmp_path / "empty", over=False)) == "new"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["empty", "thing"]


def test_a_link_to_a_folder_gives_way_and_its_target_stays(system: bool, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    folder_of(elsewhere, "theirs")
    (tmp_path / "thing").symlink_to(elsewhere)
    with replacing(tmp_path / "thing") as fresh:
        folder_of(fresh, "new")
    assert content_of(tmp_path / "thing") == "new"
    assert content_of(elsewhere) == "theirs"


def test_a_name_of_255_bytes(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 251 + ".mrc")
    write_bytes(path, b"voxels")
    assert path.read_bytes() == b"voxels"


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EACCES])
def test_a_file_system_that_cannot_sync_folders(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def refuse(handle: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{handle}"):
            raise OSError(number, os.strerror(number))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", refuse)
    sync_folder(tmp_path)
    write_bytes(tmp_path / "a", b"a")
    assert (tmp_path / "a").read_bytes() == b"a"


def test_exchange_says_where_it_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic_exchange.sys, "platform", "plan9")
    assert not atomic_exchange.atomic_exchange(tmp_path / "a", tmp_path / "b")
    monkeypatch.undo()
    with pytest.raises(FileNotFoundError):
        atomic_exchange.atomic_exchange(tmp_path / "a", tmp_path / "b")
