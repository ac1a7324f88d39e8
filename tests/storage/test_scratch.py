"""Temporary files come and go with the arrays over them."""

import errno
import gzip
import os
from pathlib import Path

import pytest

from napari_hypseg.errors import InputError, OutputError
from napari_hypseg.storage.scratch import Scratch, filling, unpacked


def test_a_plain_file_is_used_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.mrc.gz").write_bytes(b"not compressed at all")
    assert unpacked(tmp_path / "a.mrc.gz", ".mrc") == (tmp_path / "a.mrc.gz", None)


def test_a_packed_file_lives_with_its_owner(tmp_path: Path) -> None:
    (tmp_path / "a.mrc").write_bytes(gzip.compress(b"content"))
    plain, owner = unpacked(tmp_path / "a.mrc", ".mrc")
    assert plain.read_bytes() == b"content"
    assert owner is not None
    del owner
    assert not plain.exists()


def test_a_map_that_starts_like_an_archive_is_a_map(tmp_path: Path) -> None:
    raw = b"\x1f\x8b".ljust(208, b"\0") + b"MAP "
    (tmp_path / "a.mrc").write_bytes(raw)
    assert unpacked(tmp_path / "a.mrc", ".mrc")[1] is None


def test_nothing_stays_after_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    packed = tmp_path / "a.mrc.gz"
    packed.write_bytes(gzip.compress(os.urandom(5000))[:3000])
    with pytest.raises(InputError, match="cut short"):
        unpacked(packed, ".mrc")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.mrc.gz"]


def test_no_room_to_unpack_names_the_folder(tmp_path: Path) -> None:
    def fill() -> Scratch:
        with filling(tmp_path / "a.mrc.gz", ".mrc") as scratch:
            seen.append(scratch.path)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    seen: list[Path] = []
    with pytest.raises(OutputError, match="TMPDIR"):
        fill()
    assert not seen[0].exists()
