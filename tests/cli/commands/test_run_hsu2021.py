"""`hypseg run --method hsu2021`: the published method by its name, with its own defaults in the help."""

import json

import numpy as np

from napari_hypseg.cli.main import main
from napari_hypseg.project.project import Project


def test_a_tiny_run(tomogram, tmp_path, capsys):
    words = "--method hsu2021 --steps 2 --batch 2 --crop 16 --leaves 8 --device cpu --box 4:10,4:12,4:12 --json"
    assert main(["run", str(tomogram), "--out", str(tmp_path / "a"), *words.split()]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["method"], record["steps"], record["leaves"]) == ("hsu2021", 2, 8)
    project = Project.open(tmp_path / "a.hypseg")
    assert project.settings.training.learning_rate == 5e-7
    assert int((np.asarray(project.leaves[0][:]) > 0).sum()) == 6 * 8 * 8


def test_help_gives_its_own_defaults(capsys):
    for words, batch in ((["run", "--help"], 2), (["run", "--method", "hsu2021", "--help"], 128)):
        assert main(words) == 0
        text = " ".join(capsys.readouterr().out.split())
        assert f"--batch N Cubes in one learning step. [at least 1 and at most 256, default {batch}]" in text
