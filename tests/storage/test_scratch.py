"""Temporary files come and go with the arrays over them."""

import bz2
import errno
import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from napari_hypseg.errors import InputError, OutputError
from napari_hypseg.storage import scratch
from napari_hypseg.storage.scratch import MARGIN, Scratch, decompressed, remove_abandoned, scratch_file


def test_a_plain_file_is_used_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.mrc.gz").write_bytes(b"not compressed at all")
    assert decompressed(tmp_path / "a.mrc.gz", ".mrc", len) == (tmp_path / "a.mrc.gz", None)


def test_a_packed_file_lives_with_its_owner(tmp_path: Path) -> None:
    (tmp_path / "a.mrc").write_bytes(gzip.compress(b"content"))
    plain, owner = decompressed(tmp_path / "a.mrc", ".mrc", len)
    assert plain.read_bytes() == b"content"
    assert owner is not None
    del owner
    assert not plain.exists()


def test_a_map_that_starts_like_an_archive_is_a_map(tmp_path: Path) -> None:
    raw = b"\x1f\x8b".ljust(208, b"\0") + b"MAP "
    (tmp_path / "a.mrc").write_bytes(raw)
    assert decompressed(tmp_path / "a.mrc", ".mrc", len)[1] is None


def test_nothing_stays_after_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    packed = tmp_path / "a.mrc.gz"
    packed.write_bytes(gzip.compress(os.urandom(5000))[:3000])
    with pytest.raises(InputError, match="cut short"):
        decompressed(packed, ".mrc", len)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.mrc.gz"]


def test_no_room_to_unpack_names_the_folder(tmp_path: Path) -> None:
    def fill() -> Scratch:
        with scratch_file(tmp_path / "a.mrc.gz", ".mrc") as scratch:
            seen.append(scratch.path)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    seen: list[Path] = []
    with pytest.raises(OutputError, match="TMPDIR"):
        fill()
    assert not seen[0].exists()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_no_more_is_unpacked_than_the_header_promises(
    pack: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "a.mrc.gz").write_bytes(pack(bytes(2 * MARGIN)))
    written: list[int] = []
    monkeypatch.setattr(scratch.Scratch, "discard", lambda one: written.append(one.path.stat().st_size))
    with pytest.raises(InputError, match="unpacks to far more than its header promises"):
        decompressed(tmp_path / "a.mrc.gz", ".mrc", lambda head: 4096)
    assert written[0] <= 4096 + MARGIN


def test_padding_is_unpacked_with_the_rest(tmp_path: Path) -> None:
    (tmp_path / "a.mrc.gz").write_bytes(gzip.compress(bytes(10**6)))
    plain, owner = decompressed(tmp_path / "a.mrc.gz", ".mrc", lambda head: 10**5)
    assert plain.stat().st_size == 10**6
    del owner


def test_what_cannot_be_in_a_file_or_on_the_disk_is_not_unpacked(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(bytes(100)))
    (tmp_path / "b.bz2").write_bytes(bz2.compress(bytes(100)))
    with pytest.raises(InputError, match="cut short"):
        decompressed(tmp_path / "a.gz", ".mrc", lambda head: 2**50)
    with pytest.raises(OutputError, match="no room"):
        decompressed(tmp_path / "b.bz2", ".mrc", lambda head: 2**60)


LEAVE = """
import os, pathlib, sys
from napari_hypseg.storage.scratch import Scratch
scratch = Scratch(".mrc")
scratch.path.write_bytes(bytes(1000))
print(scratch.path, flush=True)
sys.stdin.read(1)
os.kill(os.getpid(), 9)
"""


def test_what_a_killed_process_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / ".hypseg-other.part").write_bytes(b"somebody's file")
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", LEAVE]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        remove_abandoned()
        assert left.stat().st_size == 1000
        process.communicate("x")
    assert left.exists()
    remove_abandoned()
    assert [entry.name for entry in tmp_path.iterdir()] == [".hypseg-other.part"]
