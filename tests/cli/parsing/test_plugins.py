"""A method or localizer of anybody shows up by itself, with its own settings as flags, and is used when it is named."""

import json
import re

import numpy as np
import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.cli.parsing.parser import build_parser

SETTINGS = """
from pydantic import Field
from napari_hypseg.config_base import Config
from napari_hypseg.errors import InputError
from napari_hypseg.methods.base import Method
from napari_hypseg.methods.localizers.base import Localizer

class DummySettings(Config):
    sharpness: float = Field(0.5, ge=0, le=1, title="Sharpness", description="How sharp it looks.")
"""

METHOD = """
    latent_dim: int = Field(3, ge=1, le=9, title="Size", description="Another size.")

def build(settings, n_channels, voxel_size):
    raise NotImplementedError

DUMMY = Method("dummy", "Dummy method", "Does nothing at all.", DummySettings, build)
"""

LOCALIZER = """
def build(settings, n_channels):
    raise InputError(f"Sharpness {settings.sharpness} over {n_channels} channels.")

DUMMY = Localizer("dummy", "Dummy localizer", "Looks at nothing at all.", DummySettings, build)
"""


@pytest.fixture
def register(tmp_path, monkeypatch):
    """Function that puts a distribution on the path which registers one thing under `group`."""

    def put(group, source):
        name = f"dummy_hypseg_{group}"
        (tmp_path / f"{name}.py").write_text(SETTINGS + source)
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[napari_hypseg.{group}]\ndummy = {name}:DUMMY\n")
        monkeypatch.syspath_prepend(str(tmp_path))

    return put


@pytest.fixture
def method(register):
    """One more method."""
    register("methods", METHOD)


@pytest.fixture
def localizer(register):
    """One more localizer."""
    register("localizers", LOCALIZER)


@pytest.mark.usefixtures("method", "localizer")
@pytest.mark.parametrize(
    ("command", "listed", "described"),
    [
        ("run", r"\{hyperbolic,([^}]*,)?dummy[,}]", "Dummy method (--method dummy): Does nothing at all."),
        ("locate", r"\{vote,dummy,rotation,sorting\}", "Dummy localizer (--method dummy): Looks at nothing at all."),
    ],
)
def test_help_lists_it_with_its_settings(capsys, command, listed, described):
    assert main([command, "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert re.search(listed, text)
    assert described in text
    assert "--sharpness X How sharp it looks. [at least 0 and at most 1, default 0.5]" in text


def test_help_lists_a_flag_of_the_default_method_once(capsys):
    assert main(["run", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert text.count("--curvature X") == 2  # usage and description


@pytest.mark.usefixtures("method")
def test_flags_of_a_method_are_flags_once_it_is_chosen():
    words = ["run", "a.mrc", "--out", "a.hypseg", "--method", "dummy", "--sharpness", "0.7", "--latent-dim", "2"]
    arguments = vars(build_parser(words).parse_args(words))
    assert (arguments["dummy.sharpness"], arguments["dummy.latent_dim"]) == ("0.7", "2")


@pytest.mark.usefixtures("method")
def test_bounds_of_a_method_hold(capsys, tomogram, tmp_path):
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


@pytest.mark.usefixtures("localizer")
def test_a_localizer_looks_with_the_settings_that_were_given(capsys, scan, tmp_path):
    words = ["locate", str(scan()), "--out", str(tmp_path / "box.json"), "--method", "dummy"]
    assert main([*words, "--sharpness", "0.75", "--device", "cpu"]) == 3
    assert "Sharpness 0.75 over 1 channels." in capsys.readouterr().err
    assert main([*words, "--sharpness", "7"]) == 2
    assert "sharpness" in capsys.readouterr().err
    assert not (tmp_path / "box.json").exists()


def test_a_built_in_localizer_finds_a_block(capsys, scan, tmp_path):
    """The whole way from the words to the file, with hardly any learning."""
    words = ["locate", str(scan()), "--out", str(tmp_path / "box.json"), "--method", "sorting", "--steps", "2"]
    assert main([*words, "--outline-steps", "2", "--device", "cpu", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    kept = json.loads((tmp_path / "box.json").read_text())
    assert kept["method"] == record["specimens"][0]["method"] == "sorting"
    assert np.less(kept["start"], kept["stop"]).all()
    assert {"read", "learn", "find"} <= record["seconds"].keys()
