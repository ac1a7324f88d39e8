"""Bad input: one sentence that names the file or setting, the exit code that fits, and nothing lost."""

import errno
import json
import os
import sys
import warnings

import mrcfile
import numpy as np
import pytest
import tifffile

from napari_hypseg.cli.main import main
from napari_hypseg.project.project import Project
from napari_hypseg.storage.checksum import BLANK, checksummed_json

GRID = (20, 22, 24)


def grey(*shape, dtype=np.float32):
    return np.random.default_rng(0).normal(size=shape).astype(dtype)


def write(path, data):
    """`data` as a map."""
    with warnings.catch_warnings(), mrcfile.new(path, overwrite=True) as file:
        warnings.simplefilter("ignore")  # it minds NaN
        file.set_data(data)
        file.voxel_size = 10.0
    return path


@pytest.fixture
def fails(capsys):
    """Carry out a command that has to fail; gives its sentence."""

    def call(code, *words):
        assert main([str(word) for word in words]) == code
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "Traceback" not in captured.err
        (sentence,) = (line for line in captured.err.splitlines() if line.startswith("hypseg: "))
        return sentence

    return call


def truncated(folder):
    path = write(folder / "bad.mrc", grey(*GRID))
    path.write_bytes(path.read_bytes()[:-1000])
    return path


def not_mrc(folder):
    path = folder / "bad.mrc"
    path.write_bytes(b"<html>" * 500)
    return path


def empty(folder):
    path = folder / "bad.mrc"
    path.touch()
    return path


def complex_map(folder):
    return write(folder / "bad.mrc", grey(*GRID).astype(np.complex64))


def image(folder):
    path = folder / "bad.tif"
    tifffile.imwrite(path, grey(30, 40))
    return path


def colour_image(folder):
    path = folder / "bad.tif"
    tifffile.imwrite(path, np.zeros((30, 40, 3), np.uint8), photometric="rgb")
    return path


def stack_of_volumes(folder):
    path = folder / "bad.npy"
    np.save(path, grey(3, *GRID))
    return path


def missing(folder):
    return folder / "bad.mrc"


def unknown_kind(folder):
    path = folder / "bad.docx"
    path.write_bytes(b"PK")
    return path


@pytest.mark.parametrize(
    "make",
    [truncated, not_mrc, empty, complex_map, image, colour_image, stack_of_volumes, missing, unknown_kind],
    ids=lambda make: make.__name__,
)
@pytest.mark.parametrize("command", ["info", "run"])
def test_file_that_cannot_be_used(fails, tiny, tmp_path, make, command):
    words = ["--out", tmp_path / "p.hypseg", *tiny] if command == "run" else []
    assert "bad." in fails(3, command, make(tmp_path), *words)
    assert not (tmp_path / "p.hypseg").exists()


@pytest.mark.parametrize(
    "data", [np.full(GRID, 3, np.float32), np.full(GRID, np.nan, np.float32)], ids=["constant", "nan"]
)
def test_volume_with_nothing_to_learn_from(fails, tiny, tmp_path, data, capsys):
    path = write(tmp_path / "flat.mrc", data)
    assert "flat" in fails(3, "run", path, "--out", tmp_path / "p.hypseg", *tiny)
    assert main(["info", str(path)]) == 0
    assert "nothing to learn from" in capsys.readouterr().out


def nan_and_inf(data):
    data[:, :4], data[0, 0, 0] = np.nan, np.inf
    return data, 10.0, GRID


def no_voxel_size(data):
    return data, 0.0, GRID


def absurd_voxel_size(data):
    return data, 1e12, GRID


def smaller_than_a_crop(data):
    return data[:9, :8, :10], 10.0, (9, 8, 10)


@pytest.mark.parametrize("change", [nan_and_inf, no_voxel_size, absurd_voxel_size, smaller_than_a_crop])
def test_odd_volume_goes_on_with_a_note(tiny, tmp_path, capsys, change):
    data, voxel_size, shape = change(grey(*GRID))
    path = write(tmp_path / "odd.mrc", data)
    with mrcfile.open(path, mode="r+") as file:
        file.voxel_size = voxel_size
    assert main(["run", str(path), "--out", str(tmp_path / "p.hypseg"), "--json", *tiny]) == 0
    record = json.loads(capsys.readouterr().out)
    assert any("odd" in notice for notice in record["notices"])
    assert Project.open(tmp_path / "p.hypseg").leaves[0].shape == shape


def test_channels_on_different_grids(fails, tomogram, tmp_path):
    other = write(tmp_path / "other.mrc", grey(20, 22, 25))
    assert "other" in fails(3, "run", f"{tomogram}+{other}", "--out", tmp_path / "p.hypseg")


def test_specimens_with_different_numbers_of_channels(fails, tomogram, tmp_path):
    sentence = fails(3, "run", tomogram, f"{tomogram}+{tomogram}", "--out", tmp_path / "p.hypseg")
    assert "channels" in sentence
    assert not (tmp_path / "p.hypseg").exists()


@pytest.mark.parametrize(
    ("mask", "word"), [(np.ones((20, 22, 25), np.uint8), "share a grid"), (np.zeros(GRID, np.uint8), "mask")]
)
def test_mask_of_another_shape_or_empty(fails, tomogram, tmp_path, tiny, mask, word):
    np.save(tmp_path / "mask.npy", mask)
    words = ["--mask", tmp_path / "mask.npy", "--out", tmp_path / "p.hypseg", *tiny]
    assert word in fails(3, "run", tomogram, *words)
    assert not (tmp_path / "p.hypseg").exists()


@pytest.mark.parametrize(
    ("words", "word", "code"),
    [
        (["--box", "0:5,0:5"], "--box", 2),
        (["--box", "30:40,0:5,0:5"], "box", 3),
        (["--box", "missing.json"], "missing.json", 2),
        (["--box", "0:5,0:5,0:5", "--box", "0:5,0:5,0:5"], "--box", 2),
        (["--minutes", "0"], "minutes", 2),
        (["--minutes", "1", "--steps", "1"], "--steps", 2),
        (["--leaves", "1"], "leaves", 2),
        (["--leaves", "70000"], "leaves", 2),
        (["--device", "abacus"], "--device", 2),
        (["--steps", "many"], "steps", 2),
        (["--colour", "red"], "--colour", 2),
        (["--latent-dim", "1"], "latent_dim", 2),
        (["--latent-dim", "10000"], "latent_dim", 2),
        (["--curvature", "0"], "curvature", 2),
        (["--curvature=-1"], "curvature", 2),
        (["--curvature", "nan"], "curvature", 2),
        (["--triplet-margin", "nan"], "triplet_margin", 2),
        (["--triplet-margin", "inf"], "triplet_margin", 2),
        (["--triplet-scales", "0"], "triplet_scales", 2),
        (["--posterior", "magic"], "'riemannian-normal'", 2),
        (["--method", "hyperspherical", "--posterior", "wrapped-normal"], "'von-mises-fisher'", 2),
        (["--gyroplane-kernel", "2"], "--gyroplane-kernel", 2),
        (["--decoder", "magic"], "'plain'", 2),
    ],
)
def test_setting_outside_what_it_allows(fails, tomogram, tmp_path, words, word, code):
    assert word in fails(code, "run", tomogram, "--out", tmp_path / "p.hypseg", *words)
    assert not (tmp_path / "p.hypseg").exists()


def test_more_leaves_than_there_are_regions(tomogram, tiny, tmp_path, capsys):
    words = ["--box", "0:8,0:8,0:8", "--leaves", "1000"]
    assert main(["run", str(tomogram), "--out", str(tmp_path / "p.hypseg"), *tiny, *words]) == 0
    found = Project.open(tmp_path / "p.hypseg").hierarchy.n_leaves
    assert 1 <= found < 512
    assert f"There are {found} leaves, not 1000" in capsys.readouterr().err


def test_no_specimen(fails, tmp_path):
    assert "specimen" in fails(2, "run", "--out", tmp_path / "p.hypseg")


@pytest.mark.parametrize(("name", "better"), [("cells.mrc", "cells.hypseg"), ("cells.OME.zarr", "cells.hypseg")])
def test_a_project_that_is_called_like_a_volume(fails, tomogram, tmp_path, name, better):
    sentence = fails(2, "run", tomogram, "--out", tmp_path / name)
    assert name in sentence
    assert str(tmp_path / better) in sentence
    assert not list(tmp_path.glob("cells*"))


@pytest.mark.parametrize("k", [0, 9, -3])
def test_number_of_regions_out_of_range(fails, kept, tmp_path, k):
    assert "8" in fails(2, "export", kept / "tiny.hypseg", "--cut", k, "--out", tmp_path / "m.mrc")
    assert "8" in fails(2, "score", kept / "tiny.hypseg", "--truth", kept / "truth.mrc", f"--cuts={k}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "word", "code"),
    [
        (["--level", "membranes"], "membranes", 2),
        (["--specimen", "1"], "specimen", 3),
        (["--format", "mrc"], "mrc", 2),
        (["--cut", "two"], "--cut", 2),
    ],
)
def test_export_of_what_there_is_not(fails, kept, tmp_path, words, word, code):
    assert word in fails(code, "export", kept / "tiny.hypseg", "--out", tmp_path / "m.tif", *words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [(["--cuts", "2;4"], 2), (["--group", "vesicles"], 2), (["--group", "x=9"], 2), (["--specimen", "3"], 3)],
)
def test_score_of_what_there_is_not(fails, kept, words, code):
    fails(code, "score", kept / "tiny.hypseg", "--truth", kept / "truth.mrc", *words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["runn", "a.mrc"], "There is no command runn; did you mean run?"),
        (["xyz"], "There is no command xyz; choose demo, info"),
        (["run", "a.mrc", "--out", "p", "--minuts", "3"], "There is no flag --minuts here; did you mean --minutes?"),
        (["info", "a.mrc", "b.mrc"], "There is no further word b.mrc here (hypseg info --help explains)"),
        (["locate", "a.mrc", "--out", "b", "--steps=2"], "--steps belongs to --method "),
        (["export", "p", "--out", "m.tif", "--cut", "two"], "--cut 'two' is not a whole number (hypseg export --help"),
    ],
)
def test_a_slip_of_the_keyboard_is_named(fails, words, said):
    assert said in fails(2, *words)


@pytest.mark.parametrize("words", [["info"], ["run", "--resume", "--out"], ["score", "--truth", "t.mrc"]])
def test_a_project_that_does_not_exist(fails, tmp_path, words):
    assert "There is no project" in fails(5, *words, tmp_path / "none.hypseg")


def test_a_file_is_no_project(fails, tomogram, tmp_path):
    assert "is a file and not a project" in fails(5, "export", tomogram, "--out", tmp_path / "m.tif")


def test_impossible_numbers_of_regions_are_refused_before_the_truth_is_read(fails, kept):
    assert "9 regions" in fails(2, "score", kept / "tiny.hypseg", "--truth", "missing.mrc", "--cuts", "2,9")


def test_truth_on_another_grid_or_without_labels(fails, kept, tmp_path):
    other = write(tmp_path / "other.mrc", np.zeros((20, 22, 25), np.int8))
    assert "other" in fails(3, "score", kept / "tiny.hypseg", "--truth", other)
    assert "tomogram" in fails(3, "score", kept / "tiny.hypseg", "--truth", kept / "tomogram.mrc")


def test_output_where_nobody_may_write(fails, kept, tiny, tmp_path):
    (tmp_path / "file").touch()
    fails(4, "run", kept / "tomogram.mrc", "--out", tmp_path / "file" / "p.hypseg", *tiny)
    fails(4, "export", kept / "tiny.hypseg", "--cut", "2", "--out", tmp_path / "file" / "m.mrc")


def test_full_disk(fails, kept, tiny, tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    fails(4, "export", kept / "tiny.hypseg", "--cut", "2", "--out", tmp_path / "m.mrc")
    assert list(tmp_path.iterdir()) == []
    fails(4, "run", kept / "tomogram.mrc", "--out", tmp_path / "p.hypseg", *tiny)


def test_existing_project_is_kept_unless_asked(fails, project, tomogram, tiny):
    before = (project / "project.json").read_bytes()
    assert "--overwrite" in fails(5, "run", tomogram, "--out", project, *tiny)
    assert (project / "project.json").read_bytes() == before
    assert main(["run", str(tomogram), "--out", str(project), "--overwrite", *tiny, "--leaves", "5"]) == 0
    assert Project.open(project).hierarchy.n_leaves == 5


def test_overwriting_with_bad_input_loses_nothing(fails, project, tiny, tmp_path):
    before = (project / "project.json").read_bytes()
    fails(3, "run", truncated(tmp_path), "--out", project, "--overwrite", *tiny)
    fails(3, "run", write(tmp_path / "flat.mrc", np.ones(GRID, np.float32)), "--out", project, "--overwrite", *tiny)
    assert (project / "project.json").read_bytes() == before
    assert Project.open(project).hierarchy.n_leaves == 8


def test_a_folder_that_is_no_project_is_never_replaced(fails, tomogram, tiny, tmp_path):
    folder = tmp_path / "p.hypseg"
    folder.mkdir()
    (folder / "letter.txt").write_text("mine")
    fails(5, "run", tomogram, "--out", folder, "--overwrite", *tiny)
    assert (folder / "letter.txt").read_text() == "mine"


def test_damaged_checkpoint_is_named_and_the_rest_works(project, tmp_path, capsys):
    (project / "checkpoint.safetensors").write_bytes(b"\x00" * 100)
    assert main(["info", str(project), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert "checkpoint" in facts["damage"][0]
    assert facts["leaves"] == 8
    assert main(["export", str(project), "--cut", "2", "--out", str(tmp_path / "m.mrc")]) == 0
    assert "checkpoint" in capsys.readouterr().err


def test_damaged_segmentation_is_named(fails, project, tmp_path, capsys):
    (tree,) = (project / "segmentations").glob("*/tree.zarr")
    (tree / "parents" / "zarr.json").write_text("{")
    assert main(["info", str(project)]) == 0
    assert "segmentation" in capsys.readouterr().out
    assert "segmentation" in fails(5, "export", project, "--cut", "2", "--out", tmp_path / "m.mrc")


def test_damaged_project_file(fails, project):
    (project / "project.json").write_text("{")
    assert "project.json" in fails(5, "info", project)


def test_missing_specimen_does_not_keep_a_mask_from_being_exported(project, tmp_path, capsys, monkeypatch):
    record = json.loads((project / "project.json").read_text())
    record["specimens"][0]["sources"] = [str(tmp_path / "moved.mrc")]
    (project / "project.json").write_bytes(checksummed_json({**record, "seal": BLANK}))
    assert main(["export", str(project), "--cut", "2", "--out", str(tmp_path / "m.mrc")]) == 0


def test_not_a_project(fails, tmp_path):
    assert "p.hypseg" in fails(5, "export", tmp_path / "p.hypseg", "--out", tmp_path / "m.mrc")
    assert "p.hypseg" in fails(5, "run", "--resume", "--out", tmp_path / "p.hypseg")


@pytest.mark.skipif(sys.platform == "win32", reason="other error there")
def test_demo_where_nobody_may_write(fails, tmp_path):
    (tmp_path / "file").touch()
    assert "--out" in fails(4, "demo", "--out", tmp_path / "file" / "demo")
