"""No byte of a project changes in silence."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.errors import HypsegError, ProjectError
from napari_hypseg.jobs import quietly
from napari_hypseg.project.project import Project
from napari_hypseg.project.verification import verify

FLIPS = 100


def files(project: Path) -> list[Path]:
    return sorted(path for path in project.rglob("*") if path.is_file() and not path.name.endswith(".lock"))


def is_told(project: Path) -> bool:
    """Whether opening or verifying says that something is damaged."""
    try:
        return bool(quietly(verify(Project.open(project))))
    except HypsegError:
        return True


def test_a_whole_project_is_whole(whole: Callable[[], Project]) -> None:
    project = whole()
    assert project.damage == ()
    assert quietly(verify(project)) == ()


def test_no_flipped_bit_is_silent(whole: Callable[[], Project]) -> None:
    project = whole()
    project.close()
    random, everything = np.random.default_rng(11), files(project.path)
    assert len(everything) > 12
    silent = []
    for number in range(FLIPS):
        path = everything[number % len(everything)]
        before = path.read_bytes()
        bit = int(random.integers(8 * len(before)))
        changed = bytearray(before)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        if not is_told(project.path):
            silent.append((path.relative_to(project.path), bit))
        path.write_bytes(before)
    assert silent == []
    assert not is_told(project.path)


def test_no_missing_file_is_silent(whole: Callable[[], Project]) -> None:
    project = whole()
    project.close()
    silent = []
    for path in files(project.path):
        aside = path.rename(path.with_name("aside"))
        if not is_told(project.path):
            silent.append(path.relative_to(project.path).parts[0])
        aside.rename(path)
    assert set(silent) <= {"pictures", "segmentations", "training.json"}
    # Without its record a picture is drawn anew and without current.json there are no regions yet: that shows.
    assert len(silent) <= 3


def test_a_missing_chunk_is_no_background(whole: Callable[[], Project], tmp_path: Path) -> None:
    project = whole()
    project.close()
    (chunk,) = (path for path in project.path.glob("segmentations/*/leaves-0.zarr/c/**/*") if path.is_file())
    chunk.unlink()
    with pytest.raises(ProjectError, match=r"c/0/0/0 is missing; run the segmentation again"):
        Project.open(project.path).label_image().data[:]
    assert main(["export", str(project.path), "--cut", "2", "--out", str(tmp_path / "m.mrc")]) == 5
    assert not (tmp_path / "m.mrc").exists()


def test_the_command_verifies(whole: Callable[[], Project], capsys: pytest.CaptureFixture[str]) -> None:
    project = whole()
    project.close()
    assert main(["info", str(project.path), "--verify"]) == 0
    assert "as it was written" in capsys.readouterr().out
    voxels = project.path / "volumes" / "0-0.npy"
    content = bytearray(voxels.read_bytes())
    content[-3] ^= 1
    voxels.write_bytes(content)
    assert main(["info", str(project.path)]) == 0
    assert main(["info", str(project.path), "--verify"]) == 5
    assert "0-0.npy is damaged" in capsys.readouterr().out
    assert main(["info", str(voxels), "--verify"]) == 2


def test_a_project_of_a_newer_format_is_refused_in_one_sentence(whole: Callable[[], Project]) -> None:
    project = whole()
    project.close()
    file = project.store.project_file
    file.write_text(file.read_text().replace('"format": 3', '"format": 99'))
    with pytest.raises(ProjectError, match=r"newer version of napari-hypseg \(format 99.*update napari-hypseg"):
        Project.open(project.path)


def test_a_damaged_picture_is_drawn_anew(whole: Callable[[], Project]) -> None:
    from napari_hypseg.project.latent_views import DENOISED, stored_view

    project = whole()
    assert stored_view(project, DENOISED) is not None
    record = project.store.latent_views / "denoised-0" / "record.json"
    record.write_text(record.read_text().replace("0.0", "1.0"))
    assert stored_view(project, DENOISED) is None
