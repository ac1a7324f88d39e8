"""A file is there whole or not at all."""

import errno
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from napari_hypseg.errors import InputError, OutputError
from napari_hypseg.io import LabelImage, open_volume, write_labels, write_labels_job
from napari_hypseg.storage.atomic import replacing

NAMES = ["a.mrc", "a.tif", "a.nii.gz", "a.zarr"]


class Failing:
    """Labels that go wrong in their second half."""

    shape, dtype = (130, 4, 5), np.dtype(np.uint16)

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __getitem__(self, index: tuple[slice, ...]) -> np.ndarray:
        if index[0].start >= 64:
            raise self.error
        return np.ones(self.shape, self.dtype)[index]


@pytest.mark.parametrize("name", NAMES)
def test_a_failure_leaves_what_was_there(name: str, labels: LabelImage, tmp_path: Path) -> None:
    path = write_labels(tmp_path / name, labels)
    broken = LabelImage(Failing(InputError("leaves gone")), maximum=1)
    with pytest.raises(InputError, match="leaves gone"):
        write_labels(path, broken)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    np.testing.assert_array_equal(np.asarray(open_volume(path).channels[0]), labels.data)


@pytest.mark.parametrize("name", NAMES)
def test_a_cancelled_job_leaves_nothing(name: str, tmp_path: Path) -> None:
    job = write_labels_job(tmp_path / name, LabelImage(np.ones((130, 70, 5), np.uint16), maximum=1))
    next(job)
    assert not (tmp_path / name).exists()
    job.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_full_disk_is_told_in_one_sentence(name: str, tmp_path: Path) -> None:
    broken = LabelImage(Failing(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))), maximum=1)
    with pytest.raises(OutputError, match=rf"{name} cannot be written: the disk is full"):
        write_labels(tmp_path / name, broken)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_an_export_replaces_an_older_one(name: str, labels: LabelImage, tmp_path: Path) -> None:
    write_labels(tmp_path / name, LabelImage(np.zeros((3, 4, 5), np.uint8), maximum=1))
    path = write_labels(tmp_path / name, labels)
    np.testing.assert_array_equal(np.asarray(open_volume(path).channels[0]), labels.data)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_missing_folders_are_made(labels: LabelImage, tmp_path: Path) -> None:
    assert write_labels(tmp_path / "new" / "folder" / "a.mrc", labels).is_file()


def test_a_file_in_the_way_of_a_folder(labels: LabelImage, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="a part of its path is a file"):
        write_labels(tmp_path / "file" / "a.mrc", labels)


def test_an_unwritable_folder(labels: LabelImage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write anywhere, so the refusal is made here instead of with permissions."""

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("napari_hypseg.storage.staging.tempfile.mkdtemp", refuse)
    with pytest.raises(OutputError, match="you may not write there"):
        write_labels(tmp_path / "a.mrc", labels)


def test_folders_and_files_swap_in_whole(tmp_path: Path) -> None:
    target = tmp_path / "thing"
    for content in ("one", "two"):
        with replacing(target) as fresh:
            fresh.mkdir()
            (fresh / "inside").write_text(content)
        assert (target / "inside").read_text() == content
    assert [entry.name for entry in tmp_path.iterdir()] == ["thing"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
@pytest.mark.parametrize("name", ["a.mrc", "a.zarr"])
def test_a_killed_process_leaves_no_half_file(name: str, tmp_path: Path) -> None:
    script = f"""
        import os, signal
        import numpy as np
        from pathlib import Path
        from napari_hypseg.io import LabelImage, write_labels_job
        job = write_labels_job(Path({str(tmp_path)!r}) / {name!r}, LabelImage(np.ones((130, 70, 5), "u2"), 1))
        next(job)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert not (tmp_path / name).exists()
    assert all(entry.name.startswith(".") for entry in tmp_path.iterdir())
