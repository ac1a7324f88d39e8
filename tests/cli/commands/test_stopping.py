"""Stopped or killed, a run loses nothing that was learned, and no mask is half-written."""

import shutil
import signal
import subprocess
import sys
import time

import pytest

from napari_hypseg.cli import main as main_module
from napari_hypseg.cli.display.display import LineDisplay
from napari_hypseg.cli.main import main
from napari_hypseg.jobs import Progress
from napari_hypseg.project.project import Project
from napari_hypseg.training.checkpoint import load_checkpoint


class Stopping(LineDisplay):
    """Somebody sends a signal when a stage begins to report."""

    def __init__(self, stage, number):
        super().__init__()
        self.stage, self.number = stage, number

    def show(self, event):
        super().show(event)
        if isinstance(event, Progress) and event.stage == self.stage and self.number:
            number, self.number = self.number, None
            signal.raise_signal(number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_while_learning_keeps_the_model_and_resumes(tomogram, tiny, tmp_path, capsys, monkeypatch, number):
    out = tmp_path / "p.hypseg"
    with monkeypatch.context() as patch:
        patch.setattr(main_module, "choose_display", lambda as_json: Stopping("learn", number))
        assert main(["run", str(tomogram), "--out", str(out), *tiny[2:], "--minutes", "60"]) == 130
    sentence = capsys.readouterr().err.splitlines()[-1]
    assert sentence.startswith("hypseg: Stopped; ")
    assert f"hypseg run --resume --out {out}" in sentence
    project = Project.open(out)
    assert project.has_checkpoint
    assert project.hierarchy is None
    assert project.damage == ()
    step = load_checkpoint(project.store.checkpoint_file).step
    assert step >= 1
    assert main(["run", "--resume", "--out", str(out), "--leaves", "6"]) == 0
    project = Project.open(out)
    assert project.hierarchy.n_leaves == 6
    assert load_checkpoint(project.store.checkpoint_file).step == step


def test_stopped_while_encoding_keeps_the_model(tomogram, tiny, tmp_path, capsys, monkeypatch):
    out = tmp_path / "p.hypseg"
    with monkeypatch.context() as patch:
        patch.setattr(main_module, "choose_display", lambda as_json: Stopping("encode", signal.SIGINT))
        assert main(["run", str(tomogram), "--out", str(out), *tiny]) == 130
    assert "--resume" in capsys.readouterr().err
    project = Project.open(out)
    assert project.has_checkpoint
    assert project.hierarchy is None


def test_resume_learns_on_when_given_more_time(project, capsys):
    assert main(["run", "--resume", "--out", str(project), "--steps", "2"]) == 0
    opened = Project.open(project)
    assert opened.settings.training.steps == 2
    assert opened.settings.leaves.leaves == 8
    assert "Learn" in capsys.readouterr().err


def test_resume_takes_no_specimens(project, tomogram, capsys):
    assert main(["run", str(tomogram), "--resume", "--out", str(project)]) == 2
    assert "--resume" in capsys.readouterr().err


KEEPING_OFTEN = """
import sys
from napari_hypseg.training import loop
loop.KEEP_EVERY = 0.0
from napari_hypseg.cli.main import main
sys.exit(main(sys.argv[1:]))
"""

STALLING_BEFORE_THE_END = """
import sys, time
from napari_hypseg.storage import staging
def stall(path):
    sys.stderr.write("written\\n")
    sys.stderr.flush()
    time.sleep(60)
staging.sync = stall
from napari_hypseg.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_while_learning(tomogram, tiny, tmp_path):
    out = tmp_path / "p.hypseg"
    words = ["run", str(tomogram), "--out", str(out), *tiny[2:], "--minutes", "60"]
    with subprocess.Popen([sys.executable, "-c", KEEPING_OFTEN, *words]) as process:
        while not ((out / "checkpoint.safetensors").exists() and (out / "training.json").exists()):
            assert process.poll() is None, "it ended by itself"
            time.sleep(0.05)
        process.kill()
    project = Project.open(out)
    assert project.damage == ()
    assert load_checkpoint(project.store.checkpoint_file).step >= 1


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("name", ["m.mrc", "m.tif", "m.nii.gz", "m.ome.zarr"])
def test_killed_while_exporting(kept, tmp_path, name):
    project = shutil.copytree(kept / "tiny.hypseg", tmp_path / "p.hypseg")
    words = ["export", str(project), "--cut", "3", "--out", str(tmp_path / name)]
    with subprocess.Popen(
        [sys.executable, "-c", STALLING_BEFORE_THE_END, *words], stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr:
            assert "hypseg:" not in line
            if line == "written\n":
                break
        else:
            pytest.fail("it ended by itself")
        process.kill()
    assert not (tmp_path / name).exists()
    assert Project.open(project).damage == ()
    assert main(words) == 0
    assert (tmp_path / name).exists()
