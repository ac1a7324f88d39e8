"""A localizer of anybody shows up by itself, with its own settings as flags, and is what looks when it is named."""

import json

import numpy as np
import pytest

from napari_hypseg.cli.main import main

MODULE = """
import numpy as np
from pydantic import Field
from napari_hypseg.config import Config
from napari_hypseg.errors import InputError
from napari_hypseg.methods.localizers.base import Localizer

class DummySettings(Config):
    sharpness: float = Field(0.5, ge=0, le=1, title="Sharpness", description="How sharp it looks.")

def build(settings, n_channels):
    raise InputError(f"Sharpness {settings.sharpness} over {n_channels} channels.")

LOCALIZER = Localizer("dummy", "Dummy localizer", "Looks at nothing at all.", DummySettings, build)
"""


@pytest.fixture
def dummy(tmp_path, monkeypatch):
    """A distribution on the path that registers one localizer."""
    (tmp_path / "dummy_hypseg_localizer.py").write_text(MODULE)
    info = tmp_path / "dummy_hypseg_localizer-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: dummy-hypseg-localizer\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[napari_hypseg.localizers]\ndummy = dummy_hypseg_localizer:LOCALIZER\n")
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("dummy")
def test_help_lists_it_with_its_settings(capsys):
    assert main(["locate", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "{vote,dummy,rotation,sorting}" in text
    assert "Dummy localizer (--method dummy): Looks at nothing at all." in text
    assert "--sharpness X How sharp it looks. [at least 0 and at most 1, default 0.5]" in text


@pytest.mark.usefixtures("dummy")
def test_it_is_what_looks_with_the_settings_that_were_given(capsys, scan, tmp_path):
    words = ["locate", str(scan()), "--out", str(tmp_path / "box.json"), "--method", "dummy"]
    assert main([*words, "--sharpness", "0.75", "--device", "cpu"]) == 3
    assert "Sharpness 0.75 over 1 channels." in capsys.readouterr().err
    assert main([*words, "--sharpness", "7"]) == 2
    assert "sharpness" in capsys.readouterr().err
    assert not (tmp_path / "box.json").exists()


def test_the_built_in_ones_find_a_block(capsys, scan, tmp_path):
    """The whole way from the words to the file, with hardly any learning."""
    words = ["locate", str(scan()), "--out", str(tmp_path / "box.json"), "--method", "sorting", "--steps", "2"]
    assert main([*words, "--outline-steps", "2", "--device", "cpu", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    kept = json.loads((tmp_path / "box.json").read_text())
    assert kept["method"] == record["specimens"][0]["method"] == "sorting"
    assert np.less(kept["start"], kept["stop"]).all()
    assert {"read", "learn", "find"} <= record["seconds"].keys()
