"""What `hypseg run` says of time and of steps, and what a run that fails leaves behind."""

import json
import sys

import pytest

from napari_hypseg import pipeline
from napari_hypseg.cli.commands.run_time import time_to_labels
from napari_hypseg.cli.main import main
from napari_hypseg.errors import InputError
from napari_hypseg.pipeline import speed
from napari_hypseg.pipeline.speed import Speed
from napari_hypseg.pipeline.speed_cache import SpeedCache
from napari_hypseg.project.project import Project


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("HYPSEG_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("learning", "pace", "sentence"),
    [
        (120.0, Speed(2.0, 1e-4),
         "About 3 min 42 s to the first labels: 2 min 0 s learning, 1 min 42 s making regions."),
        (120.0, None, "About 2 min 0 s to the first labels: 2 min 0 s learning, some seconds making regions."),
        (None, Speed(2.0, 1e-6), "After the steps of learning, making regions takes 3 s."),
        (0.0, Speed(0.0, 8e-4),
         "Making regions takes 13 min 20 s. At half resolution (--bin 2) the regions take 1 min 40 s."),
    ],
)  # fmt: skip
def test_the_whole_time_in_one_line(learning, pace, sentence):
    assert time_to_labels(learning, pace, 1_000_000) == sentence


def test_it_is_said_before_learning_begins(tomogram, tiny, tmp_path, capsys):
    SpeedCache().put("hyperbolic", "cpu", Speed(5.0, 0.0001))
    assert main(["run", str(tomogram), "--out", str(tmp_path / "new"), *tiny]) == 0
    lines = capsys.readouterr().err.splitlines()
    said = lines.index("After the steps of learning, making regions takes 6 s.")
    assert said < next(i for i, line in enumerate(lines) if line.startswith("Learn"))


def test_a_large_volume_is_measured_once(tomogram, tiny, tmp_path, capsys, monkeypatch):
    asked = []

    def measure(settings):
        asked.append(settings.method)
        yield from ()
        return Speed(1.0, 1e-3)

    monkeypatch.setattr(speed, "EDGES", (4, 5, 6))
    monkeypatch.setattr(speed, "measure_speed", measure)
    monkeypatch.setattr(SpeedCache, "learn_from", lambda self, project: None)
    for name in ("one", "two"):
        assert main(["run", str(tomogram), "--out", str(tmp_path / name), *tiny]) == 0
        assert "making regions takes 12 s" in capsys.readouterr().err
    assert asked == ["hyperbolic"]


def test_steps_are_counted_over_all_runs(tomogram, tiny, tmp_path, capsys):
    words = ["--out", str(tmp_path / "new.hypseg")]
    assert main(["run", str(tomogram), *words, *tiny]) == 0
    assert "learned in 1 step on cpu" in capsys.readouterr().out
    seconds = Project.open(tmp_path / "new.hypseg").training["seconds"]
    assert main(["run", "--resume", "--steps", "2", *words]) == 0
    assert "learned in 3 steps (2 of them now) on cpu" in capsys.readouterr().out
    assert Project.open(tmp_path / "new.hypseg").training["seconds"] > seconds
    assert main(["run", "--resume", "--leaves", "4", *words]) == 0
    assert "learned in 3 steps on cpu" in capsys.readouterr().out
    assert main(["run", "--resume", "--steps", "1", "--json", *words]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["steps"], told["earlier_steps"]) == (4, 3)


def test_a_run_that_fails_leaves_no_empty_folder(tomogram, tiny, tmp_path, capsys, monkeypatch):
    def fail(project, **given):
        yield from ()
        raise InputError("The specimen is unlucky.")

    monkeypatch.setattr(pipeline, "run", fail)
    path = tmp_path / "new.hypseg"
    assert main(["run", str(tomogram), "--out", str(path), *tiny]) == InputError.exit_code
    assert "unlucky" in capsys.readouterr().err
    assert not path.exists()


def test_a_run_that_fails_in_place_of_another_project_leaves_that(project, tomogram, tiny, capsys, monkeypatch):
    before = Project.open(project).segmentation

    def fail(project, **given):
        yield from ()
        raise InputError("The specimen is unlucky.")

    monkeypatch.setattr(pipeline, "run", fail)
    words = ["run", str(tomogram), "--out", str(project), "--overwrite", *tiny]
    assert main(words) == InputError.exit_code
    after = Project.open(project).segmentation
    assert before is not None
    assert after is not None
    assert after.fingerprint == before.fingerprint


def test_a_model_that_was_learned_is_kept_when_making_regions_fails(tomogram, tiny, tmp_path, capsys, monkeypatch):
    def fail(project, *given):
        yield from ()
        raise InputError("The disk is unlucky.")

    monkeypatch.setattr(sys.modules[pipeline.run.__module__], "segment", fail)
    path = tmp_path / "new.hypseg"
    assert main(["run", str(tomogram), "--out", str(path), *tiny]) == InputError.exit_code
    assert Project.open(path).has_checkpoint
