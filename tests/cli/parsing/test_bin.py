"""`--bin`: learning and segmenting at a lower resolution, in the same place."""

import json
from pathlib import Path

import mrcfile
import numpy as np
import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.cli.parsing.specimens import open_specimens, parse_bin
from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.project.project import Project
from napari_hypseg.volumes import Box

SHAPE = (21, 24, 27)


def mrc(path: Path, data: np.ndarray, origin: float = 0.0) -> Path:
    with mrcfile.new(path, data) as file:
        file.voxel_size = 10.0
        file.header.origin = (origin, origin, origin)
    return path


@pytest.fixture
def files(tmp_path):
    """A volume with odd edges, a second channel and a mask of it."""
    random = np.random.default_rng(0)
    grey = random.normal(size=SHAPE).astype(np.float32)
    grey[:, :, 13:] += 5
    mask = np.zeros(SHAPE, np.int8)
    mask[2:, 2:, 2:] = 1
    return [
        str(mrc(tmp_path / f"{name}.mrc", data, 100.0))
        for name, data in {"a": grey, "b": grey**2, "mask": mask}.items()
    ]


def test_a_truth_at_full_resolution_is_scored(files, tiny, tmp_path, capsys):
    a, _, mask = files
    project = str(tmp_path / "p.hypseg")
    assert main(["run", a, "--out", project, *tiny, "--bin", "2"]) == 0
    capsys.readouterr()
    assert main(["score", project, "--truth", mask, "--mask", mask, "--cuts", "1", "--json"]) == 0
    (scores,) = json.loads(capsys.readouterr().out)["cuts"].values()
    assert scores["matched_dice"] == 1  # in the mask there is one label, and one region
    assert main(["score", project, "--truth", mask, "--cuts", "1"]) == 0
    assert "mask is at full resolution; it is binned by 2, as a was" in capsys.readouterr().err


def test_a_truth_of_no_resolution_that_fits_is_refused(files, tiny, tmp_path, capsys):
    a, _, _ = files
    project = str(tmp_path / "p.hypseg")
    assert main(["run", a, "--out", project, *tiny, "--bin", "2"]) == 0
    other = mrc(tmp_path / "other.mrc", np.zeros((7, 8, 9), np.int8))
    assert main(["score", project, "--truth", str(other)]) == 3
    assert "7×8×9 voxels (z, y, x) but a has 10×12×13" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "factors"), [("2", (2, 2, 2)), ("1,2,2", (1, 2, 2)), (" 3, 1,1", (3, 1, 1))])
def test_what_is_a_number_of_voxels(text, factors):
    assert parse_bin(text) == factors


@pytest.mark.parametrize("text", ["0", "-2", "2.0", "two", "2,2", "", "2,,2", "1,2,2,2", "1e3", "99999"])
def test_what_is_none(text):
    with pytest.raises(SettingError, match="--bin"):
        parse_bin(text)


def test_box_mask_and_channels_come_along(files):
    a, b, mask = files
    (specimen,) = open_specimens([f"{a}+{b}"], [mask], ["3:21,0:24,5:20"], [], (2, 2, 2))
    assert specimen.volume.shape == (10, 12, 13)
    assert specimen.volume.voxel_size == (20, 20, 20)
    assert specimen.box == Box((1, 0, 2), (10, 12, 10))
    assert len(specimen.volume.channels) == 2
    assert specimen.mask is not None
    assert not specimen.mask.channels[0][0].any()
    assert specimen.mask.channels[0][1:, 1:, 1:].all()


def test_a_box_beside_the_volume_is_refused_in_the_voxels_that_were_named(files):
    with pytest.raises(InputError, match=r"21, 24, 27"):
        open_specimens([files[0]], [], ["50:60,0:5,0:5"], [], (2, 2, 2))


@pytest.fixture
def made(files, tiny, tmp_path, capsys):
    """A project at half resolution, and what was told."""
    a, b, mask = files
    path = tmp_path / "half.hypseg"
    words = ["run", f"{a}+{b}", "--mask", mask, "--bin", "2", "--out", str(path), "--json", *tiny]
    assert main(words) == 0
    return path, json.loads(capsys.readouterr().out)


def test_regions_come_out_at_the_voxel_size_they_belong_to(made, files, tmp_path, capsys):
    path, told = made
    (specimen,) = told["specimens"]
    assert (specimen["shape"], specimen["voxel_size"], specimen["bin"]) == ([10, 12, 13], [20, 20, 20], [2, 2, 2])
    assert main(["export", str(path), "--out", str(tmp_path / "regions.mrc"), "--cut", "2"]) == 0
    with mrcfile.open(tmp_path / "regions.mrc") as regions:
        assert regions.data.shape == (10, 12, 13)
        assert regions.voxel_size.tolist() == (20, 20, 20)
        assert regions.header.origin.tolist() == (105, 105, 105)
    capsys.readouterr()
    assert main(["info", str(path)]) == 0
    line = capsys.readouterr().out.splitlines()[1]
    assert line.endswith(f"10 × 12 × 13 voxels of 20 × 20 × 20 Å, binned by 2 from {', '.join(files)}")


def test_it_opens_again_without_the_files_it_was_made_from(made, files):
    path, _ = made
    before = Project.open(path).specimens[0]
    for file in files:
        Path(file).unlink()
    project = Project.open(path)
    (after,) = project.specimens
    assert after.fingerprint == before.fingerprint == project.records[0].fingerprint
    assert project.source_notes() == ()
    assert (after.volume.binning, [str(file) for file in after.volume.originals]) == ((2, 2, 2), files)


def test_it_is_resumed_at_its_own_resolution(made, tiny, capsys):
    path, _ = made
    assert main(["run", "--resume", "--out", str(path), "--bin", "2"]) == SettingError.exit_code
    assert "leave --bin out" in capsys.readouterr().err
    assert main(["run", "--resume", "--out", str(path), "--leaves", "4", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["specimens"][0]["shape"] == [10, 12, 13]


def test_a_voxel_size_given_later_is_that_of_the_file(made, capsys):
    path, _ = made
    assert main(["run", "--resume", "--out", str(path), "--voxel-size", "8Å", "--json"]) == 0
    assert Project.open(path).records[0].voxel_size == (16, 16, 16)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_nothing_is_written_over_what_it_was_made_from(made, files, number, capsys):
    path, _ = made
    before = Path(files[number]).read_bytes()
    words = ["export", str(path), "--cut", "2", "--out", files[number], "--overwrite"]
    assert main(words) != 0
    assert Path(files[number]).read_bytes() == before


def test_too_small_a_volume_is_refused_before_a_folder_is_made(files, tmp_path, capsys):
    path = tmp_path / "small.hypseg"
    assert main(["run", files[0], "--bin", "11", "--out", str(path)]) == InputError.exit_code
    assert "too few to be binned by 11" in capsys.readouterr().err
    assert not path.exists()
