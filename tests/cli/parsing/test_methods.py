"""A method of anybody shows up by itself, with its own settings as flags."""

import re

import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.cli.parser import build_parser

MODULE = """
from pydantic import Field
from napari_hypseg.config import Config
from napari_hypseg.methods.base import Method

class DummySettings(Config):
    sharpness: float = Field(0.5, ge=0, le=1, title="Sharpness", description="How sharp it looks.")
    latent_dim: int = Field(3, ge=1, le=9, title="Size", description="Another size.")

def build(settings, n_channels, voxel_size):
    raise NotImplementedError

METHOD = Method("dummy", "Dummy method", "Does nothing at all.", DummySettings, build)
"""


@pytest.fixture
def dummy(tmp_path, monkeypatch):
    """A distribution on the path that registers one method."""
    (tmp_path / "dummy_hypseg_method.py").write_text(MODULE)
    info = tmp_path / "dummy_hypseg_method-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: dummy-hypseg-method\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[napari_hypseg.methods]\ndummy = dummy_hypseg_method:METHOD\n")
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("dummy")
def test_help_lists_it_with_its_settings(capsys):
    assert main(["run", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert re.search(r"\{hyperbolic,([^}]*,)?dummy[,}]", text)
    assert "Dummy method (--method dummy): Does nothing at all." in text
    assert "--sharpness X How sharp it looks. [at least 0 and at most 1, default 0.5]" in text
    assert text.count("--curvature X") == 2  # usage and description of the default method


@pytest.mark.usefixtures("dummy")
def test_its_flags_are_flags_once_it_is_chosen():
    words = ["run", "a.mrc", "--out", "a.hypseg", "--method", "dummy", "--sharpness", "0.7", "--latent-dim", "2"]
    arguments = vars(build_parser(words).parse_args(words))
    assert (arguments["dummy.sharpness"], arguments["dummy.latent_dim"]) == ("0.7", "2")


@pytest.mark.usefixtures("dummy")
def test_its_bounds_hold(capsys, tomogram, tmp_path):
    words = ["run", str(tomogram), "--out", str(tmp_path / "a.hypseg"), "--method=dummy", "--sharpness", "7"]
    assert main(words) == 2
    assert "sharpness" in capsys.readouterr().err
    assert not (tmp_path / "a.hypseg").exists()


def test_an_unknown_method_names_those_there_are(capsys):
    assert main(["run", "a.mrc", "--out", "a.hypseg", "--method", "magic"]) == 2
    assert "hyperbolic" in capsys.readouterr().err


def test_a_choice_among_numbers_is_a_number():
    words = ["run", "a.mrc", "--out", "a.hypseg", "--gyroplane-kernel", "1", "--decoder", "plain"]
    arguments = vars(build_parser(words).parse_args(words))
    assert arguments["hyperbolic.gyroplane_kernel"] == 1
    assert arguments["hyperbolic.decoder"] == "plain"


@pytest.mark.parametrize("posterior", ["power-spherical", "von-mises-fisher"])
def test_a_run_on_the_sphere(tomogram, tiny, tmp_path, posterior):
    words = ["run", str(tomogram), "--out", str(tmp_path / "a.hypseg"), "--method", "hyperspherical", *tiny]
    assert main([*words, "--posterior", posterior]) == 0
