"""From label files to a prior, and from a prior to named structures in a volume without labels."""

import json

import numpy as np
import pytest

pytest.importorskip("SimpleITK")

from napari_hypseg.cli.main import main
from napari_hypseg.project.project import Project
from tests.label_phantoms import GREY, NAMES, image_of, label_phantom, save_nifti

LEARN = ["--steps", "60", "--grid", "40", "--json"]
RUN = ["--adapt", "--steps", "30", "--leaves", "64", "--device", "cpu", "--json"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Label files, names, a prior learned of them, and an image of another specimen stored from the other side."""
    made = tmp_path_factory.mktemp("priors")
    for seed in (0, 1):
        save_nifti(made / f"labels_{seed}.nii.gz", label_phantom(seed=seed), 2.0)
    (made / "names.json").write_text(json.dumps(NAMES))
    truth = label_phantom((48, 54, 44), seed=5, spread=0.015)
    np.save(made / "truth.npy", truth)
    save_nifti(made / "image.nii.gz", image_of(truth), 1.5, flip=True)
    words = [str(made / "labels_0.nii.gz"), str(made / "labels_1.nii.gz"), "--names", str(made / "names.json")]
    assert main(["prior", "learn", *words, "--out", str(made / "p.hypprior"), *LEARN]) == 0
    return made


def failed(words, capsys):
    code = main(words)
    return code, capsys.readouterr().err


def test_show_says_what_is_in_a_prior(folder, capsys):
    assert main(["prior", "show", str(folder / "p.hypprior"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["code"]: one["name"] for one in told["labels"]} == NAMES
    assert (told["unit"], told["specimens"], told["steps"]) == ("millimeter", ["labels_0", "labels_1"], 60)
    body = next(one for one in told["labels"] if one["name"] == "body")
    voxels = np.mean([(label_phantom(seed=seed) == 3).sum() for seed in (0, 1)])
    assert body["volume"] == pytest.approx(8 * voxels, rel=0.1)
    assert main(["prior", "show", str(folder / "p.hypprior")]) == 0
    assert "left" in capsys.readouterr().out


def test_a_volume_is_segmented_and_its_structures_are_named(folder, tmp_path, capsys):
    """Without any label of this volume; left and right are those of the prior although the file is mirrored."""
    out = tmp_path / "a.hypseg"
    words = [str(folder / "image.nii.gz"), "--prior", str(folder / "p.hypprior"), "--out", str(out)]
    assert main(["run", *words, *RUN]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["method"] == "anatomical"
    project = Project.open(out)
    truth = np.load(folder / "truth.npy")[:, :, ::-1]
    for label, name in NAMES.items():
        found = np.asarray(project.structures.mask(name)[:])
        dice = 2 * (found & (truth == label)).sum() / (found.sum() + (truth == label).sum())
        assert dice > 0.85, (name, dice)
    assert [one.name for one in project.structures.annotation.structures.values()] == list(NAMES.values())
    assert set(project.hierarchies) == {"parts", "kinds"}
    assert main(["apply", str(out), str(folder / "image.nii.gz"), "--out", str(tmp_path / "more")]) == 5
    assert "anatomical" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["labels_0.nii.gz", "--only", "77"], "holds none of the labels"),
        (["labels_0.nii.gz", "--only", "x"], "no list of label codes"),
        (["image.nii.gz"], "no whole numbers"),
        (["labels_0.nii.gz", "other.nii.gz"], "labels in common"),
        (["labels_0.nii.gz", "--names", "nothing.txt"], "names no label"),
        (["labels_0.nii.gz", "--minutes", "1"], "Give --minutes or --steps"),
        (["empty.nii.gz"], "holds none of the labels"),
        (["labels_0.nii.gz", "tiny.nii.gz"], "times as large as in labels_0"),
    ],
)
def test_label_files_that_cannot_be_learned_from(folder, tmp_path, capsys, monkeypatch, words, sentence):
    monkeypatch.chdir(folder)
    save_nifti(folder / "other.nii.gz", label_phantom(seed=2) * np.uint8(10), 2.0)
    save_nifti(folder / "tiny.nii.gz", label_phantom(seed=2), 0.2)
    save_nifti(folder / "empty.nii.gz", np.zeros((20, 20, 20), np.uint8), 2.0)
    (folder / "nothing.txt").write_text("no names here\n")
    code, told = failed(["prior", "learn", *words, "--out", str(tmp_path / "q"), *LEARN], capsys)
    assert code in (2, 3)
    assert sentence in told
    assert not (tmp_path / "q.hypprior").exists()


def test_one_label_is_enough_and_maps_may_differ_in_grid(folder, tmp_path, capsys):
    save_nifti(tmp_path / "coarse.nii.gz", label_phantom((24, 26, 20), seed=1), 3.0)
    words = [str(folder / "labels_0.nii.gz"), str(tmp_path / "coarse.nii.gz"), "--only", "3", "--steps", "1"]
    assert main(["prior", "learn", *words, "--grid", "24", "--out", str(tmp_path / "q"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in told["labels"]] == ["label 3"]
    assert (tmp_path / "q.hypprior").exists()
    code, said = failed(["prior", "learn", *words, "--grid", "24", "--out", str(tmp_path / "q")], capsys)
    assert (code, "--overwrite" in said) == (4, True)


def test_labels_that_one_file_lacks_are_told(folder, tmp_path, capsys):
    fewer = label_phantom(seed=1, labels=[label for label in NAMES if label != 14])
    save_nifti(tmp_path / "fewer.nii.gz", fewer, 2.0)
    words = [str(folder / "labels_0.nii.gz"), str(tmp_path / "fewer.nii.gz"), "--steps", "1", "--grid", "24"]
    assert main(["prior", "learn", *words, "--out", str(tmp_path / "q"), "--json"]) == 0
    assert "14 (in 1 of 2)" in json.loads(capsys.readouterr().out)["notices"][0]


def test_volumes_that_the_prior_does_not_know(folder, tmp_path, capsys):
    prior = ["--prior", str(folder / "p.hypprior"), *RUN]
    noise = np.random.default_rng(0).normal(size=(40, 40, 36)).astype(np.float32)
    small = save_nifti(tmp_path / "small.nii.gz", image_of(label_phantom()), 0.1)
    other = save_nifti(tmp_path / "noise.nii.gz", noise, 2.0)
    for path, sentence in ((small, "it is of another kind"), (other, "Nothing in noise looks like")):
        out = tmp_path / f"{path.name[:5]}.hypseg"
        code, told = failed(["run", str(path), "--out", str(out), *prior], capsys)
        assert (code, sentence in told) == (3, True), told
        assert not out.exists()
    np.save(tmp_path / "unsized.npy", GREY[3] + noise)
    code, told = failed(["run", str(tmp_path / "unsized.npy"), "--out", str(tmp_path / "u"), *prior], capsys)
    assert (code, "--voxel-size" in told) == (3, True)
    both = [str(folder / "image.nii.gz"), str(small)]
    code, told = failed(["run", *both, "--out", str(tmp_path / "b"), *prior], capsys)
    assert (code, "one volume at a time" in told) == (3, True)


def test_a_prior_that_is_not_there(folder, tmp_path, capsys):
    words = ["run", str(folder / "image.nii.gz"), "--out", str(tmp_path / "a"), *RUN]
    code, told = failed([*words, "--prior", str(tmp_path / "none.hypprior")], capsys)
    assert (code, "is missing" in told) == (3, True)
    code, told = failed([*words, "--method", "anatomical"], capsys)
    assert (code, "needs a prior" in told) == (2, True)
    code, told = failed([*words, "--method", "hyperbolic", "--prior", "x"], capsys)
    assert (code, "belongs to --method anatomical" in told) == (2, True)


def test_a_bias_field_is_corrected_and_told(folder, tmp_path, capsys):
    labels = label_phantom((40, 44, 36), seed=5, spread=0.015)
    drift = np.linspace(-0.3, 0.3, 44)[None, :, None]
    grey = np.maximum(image_of(labels), 0)
    save_nifti(tmp_path / "drifting.nii.gz", (grey * np.exp(drift)).astype(np.float32), 1.8)
    words = ["--prior", str(folder / "p.hypprior"), "--no-adapt", *RUN[1:]]
    dice, told = {}, {}
    for flag in ("--bias-field", "--no-bias-field"):
        out = tmp_path / f"{flag[2:]}.hypseg"
        assert main(["run", str(tmp_path / "drifting.nii.gz"), "--out", str(out), *words, flag]) == 0
        told[flag] = capsys.readouterr().out
        structures = Project.open(out).structures
        found = [(np.asarray(structures.mask(name)[:]), labels == code) for code, name in NAMES.items()]
        dice[flag] = np.mean([2 * (a & b).sum() / (a.sum() + b.sum()) for a, b in found])
    assert dice["--bias-field"] > dice["--no-bias-field"] + 0.005
    assert ("drifts by" in told["--bias-field"], "drifts by" in told["--no-bias-field"]) == (True, False)


@pytest.mark.parametrize("offset", [0, -100])
def test_no_bias_field_is_corrected_where_there_is_none(folder, tmp_path, capsys, offset):
    """In a volume without one, and in one that no gain has multiplied, whose grey values lie on both sides of 0."""
    grey = np.maximum(image_of(label_phantom((40, 44, 36), seed=5)), 0) + offset
    save_nifti(tmp_path / "even.nii.gz", grey, 1.8)
    words = [str(tmp_path / "even.nii.gz"), "--prior", str(folder / "p.hypprior"), "--out", str(tmp_path / "e")]
    assert main(["run", *words, "--no-adapt", *RUN[1:]]) == 0
    assert "drifts by" not in capsys.readouterr().out
