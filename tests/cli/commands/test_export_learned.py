"""What was learned as files: `hypseg export --what …`."""

import json

import numpy as np
import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.io.opening import open_channels, open_volume
from napari_hypseg.jobs import quietly
from napari_hypseg.pipeline import ViewRequest, denoise
from napari_hypseg.pipeline.latent_views import LATENT_VIEWS
from napari_hypseg.project.project import Project
from napari_hypseg.storage.checksum import BLANK, checksummed_json


@pytest.fixture(autouse=True)
def any_picture_will_do(monkeypatch):
    """Models of a few steps draw nothing like the volume, which is refused elsewhere."""
    monkeypatch.setattr("napari_hypseg.pipeline.fidelity.LEAST", -1.0)


@pytest.fixture
def export(project, tmp_path, capsys):
    """Export from a copy of the tiny project; gives the object of --json."""

    def call(name, *words):
        capsys.readouterr()
        code = main(["export", str(project), "--out", str(tmp_path / name), *map(str, words), "--json"])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        return json.loads(captured.out)

    return call


@pytest.fixture
def fails(project, tmp_path, capsys):
    """Export what cannot be exported; gives the sentence."""

    def call(code, name, *words):
        capsys.readouterr()
        assert main(["export", str(project), "--out", str(tmp_path / name), *map(str, words)]) == code
        said = capsys.readouterr()
        assert said.out == ""
        assert "Traceback" not in said.err
        return said.err

    return call


@pytest.mark.parametrize(
    ("name", "what"), [("d.mrc", "denoised"), ("d.nii.gz", "reconstruction"), ("d.tif", "denoised")]
)
def test_a_picture_opens_again_in_its_place(export, project, tmp_path, tomogram, name, what):
    record = export(name, "--what", what)
    assert (record["what"], record["channels"], record["paths"]) == (what, 1, [str(tmp_path / name)])
    opened, original = open_volume(tmp_path / name), open_volume(tomogram)
    drawn = quietly(LATENT_VIEWS[what].draw(Project.open(project), ViewRequest()))
    np.testing.assert_array_equal(np.asarray(opened.channels[0][:]), np.asarray(drawn.channels[0][:]))
    to_angstrom = {"angstrom": 1.0, "nanometer": 10.0, "micrometer": 1e4, "millimeter": 1e7}[opened.unit]
    np.testing.assert_allclose(np.multiply(opened.voxel_size, to_angstrom), original.voxel_size, rtol=1e-5)


def test_components_are_channels_or_files_as_the_format_has_it(export, tmp_path):
    together = export("c.ome.zarr", "--what", "components", "--components", 2)
    assert (together["channels"], len(together["paths"])) == (2, 1)
    apart = export("c.mrc", "--what", "components", "--components", 2)
    assert apart["paths"] == [str(tmp_path / "c-1.mrc"), str(tmp_path / "c-2.mrc")]
    one, two = open_volume(tmp_path / "c.ome.zarr"), open_channels("+".join(apart["paths"]))
    for first, second in zip(one.channels, two.channels, strict=True):
        np.testing.assert_array_equal(np.asarray(first[:]), np.asarray(second[:]))
    assert "%" in apart["notices"][0]


def test_a_reconstruction_follows_the_cut_and_the_level(export, project, tmp_path):
    opened = Project.open(project, write=True)
    opened.keep_level("three", opened.cut(3))
    for words in (["--cut", 3], ["--level", "three"]):
        export("r.mrc", "--what", "reconstruction", *words, "--overwrite")
        values = np.asarray(open_volume(tmp_path / "r.mrc").channels[0][:])
        labels = np.asarray(opened.label_image(opened.cut(3)).data[:])
        assert [len(np.unique(values[labels == region])) for region in (1, 2, 3)] == [1, 1, 1]


def test_a_project_that_is_not_segmented_yet_can_be_denoised(export, project, tmp_path):
    (project / "segmentations" / "current.json").unlink()
    export("d.mrc", "--what", "denoised")
    assert open_volume(tmp_path / "d.mrc").shape == (20, 22, 24)


def test_what_the_project_keeps_is_written_though_the_tomogram_is_gone(export, project, tmp_path, monkeypatch):
    quietly(denoise(Project.open(project)))
    text = (project / "project.json").read_text().replace("tomogram.mrc", "gone.mrc")
    (project / "project.json").write_bytes(checksummed_json({**json.loads(text), "seal": BLANK}))
    export("d.mrc", "--what", "denoised")
    assert (tmp_path / "d.mrc").exists()


@pytest.mark.parametrize(
    ("words", "word"),
    [
        (["--what", "dreams"], "denoised"),
        (["--what", "components", "--components", "3"], "2 latent components"),
        (["--what", "components", "--components", "0"], "at least 1"),
        (["--what", "denoised", "--components", "2"], "--components"),
        (["--components", "2"], "--what"),
        (["--what", "denoised", "--cut", "3"], "--cut"),
        (["--what", "components", "--level", "x"], "--level"),
        (["--what", "reconstruction", "--cut", "9"], "8"),
        (["--what", "reconstruction", "--level", "x"], "level"),
        (["--what", "denoised", "--format", "mrc"], "mrc"),
    ],
)
def test_what_cannot_be_exported_is_one_sentence(fails, tmp_path, words, word):
    sentence = fails(2, "out.tif", *words)
    assert word in sentence
    assert not (tmp_path / "out.tif").exists()


def test_without_a_checkpoint_there_is_nothing_to_see(fails, project):
    (project / "checkpoint.safetensors").unlink()
    for what in LATENT_VIEWS:
        assert "train" in fails(5, "out.mrc", "--what", what)


def test_files_in_the_way_and_the_tomogram_itself_are_left_alone(fails, project, tmp_path, tomogram):
    before = tomogram.read_bytes()
    assert "read from" in fails(4, tomogram, "--what", "denoised", "--overwrite")
    assert tomogram.read_bytes() == before
    (tmp_path / "c-2.mrc").write_text("mine")
    assert "--overwrite" in fails(4, "c.mrc", "--what", "components", "--components", "2")
    assert not (tmp_path / "c-1.mrc").exists()
