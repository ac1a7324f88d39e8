import numpy as np
import pytest

from napari_hypseg.project.empty_project import discard_if_empty
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Specimen, Volume


@pytest.fixture
def project(tmp_path):
    volume = Volume((np.zeros((4, 5, 6), np.float32),))
    return Project.create(tmp_path / "cell.hypseg", [Specimen(volume)], RunSettings())


def test_a_project_in_which_nothing_was_learned_leaves_no_folder(project):
    assert discard_if_empty(project)
    assert not project.path.exists()


def test_what_is_somebody_elses_stays(project):
    (project.path / "notes.txt").write_text("mine")
    assert discard_if_empty(project)
    assert [path.name for path in project.path.iterdir()] == ["notes.txt"]


def test_a_project_that_was_begun_stays(project, monkeypatch):
    monkeypatch.setattr(Project, "has_checkpoint", property(lambda self: True))
    assert not discard_if_empty(project)
    assert (project.path / "project.json").exists()
