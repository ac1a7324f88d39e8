import numpy as np
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.trees import PARTS
from napari_hypseg.jobs import quietly
from napari_hypseg.pipeline.classify_particles import ClassifySettings, classify_particles_job
from napari_hypseg.pipeline.preview_particles import ParticleChoice
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.structures.edits import MakeStructure, MarkJunk
from napari_hypseg.volumes import Specimen, Volume
from tests.project.conftest import four_leaves

SHAPE = (12, 36, 36)
RED = (1.0, 0.5, 0.0)


@pytest.fixture
def project(tmp_path):
    """Nine dots, the first leaf, on a background of noise."""
    grey = np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)
    places = np.ones(SHAPE, np.uint16) * 2
    places[5:7, 6::12, 6::12] = 1
    made = Project.create(tmp_path / "cell", [Specimen(Volume((grey,)))], RunSettings())
    (leaves,) = made.store.start_segmentation([SHAPE])
    leaves[:] = places
    made.store.finish_segmentation({PARTS: four_leaves()}, {})
    made.reload()
    made.structures.do(MakeStructure(name="dots", colour=RED, leaves="0", tree=PARTS))
    yield made
    made.close()


def test_every_particle_that_is_no_junk_is_in_a_class(project):
    choice, settings = ParticleChoice("dots"), ClassifySettings(classes=2)
    made = quietly(classify_particles_job(project, choice, 8, settings, steps=30, batch=4))
    found = made.table
    assert made.movie.shape == (15, 8, 8)
    assert len(found) == 9
    assert sorted(set(found.ranks.classes.tolist())) == [1, 2]
    assert found.angles.shape == (9,)
    assert sorted(found.ranks.content.tolist()) == list(range(9))
    project.structures.do(MarkJunk(structure=1, specimen=0, places=((5.5, 6.0, 6.0),), junk=True))
    made = quietly(classify_particles_job(project, choice, 8, settings, steps=30, batch=4))
    assert len(made.table) == 8


def test_whole_boxes_are_aligned_in_space(project):
    settings = ClassifySettings(method="alignment", classes=2, tilt_range=50)
    made = quietly(classify_particles_job(project, ParticleChoice("dots"), 8, settings))
    assert len(made.movie) == 0
    assert made.table.angles is None
    assert made.table.content.points.shape[0] == len(made.table) == 9
    assert set(made.table.ranks.classes.tolist()) <= {1, 2}


def test_classes_of_what_was_not_learned_are_refused(project):
    few = {"steps": 2, "batch": 4}
    with pytest.raises(SettingError, match="give it more time"):
        quietly(classify_particles_job(project, ParticleChoice("dots"), 8, ClassifySettings(classes=2), **few))


def test_too_few_are_refused(project):
    with pytest.raises(SettingError, match="50 regions"):
        quietly(classify_particles_job(project, ParticleChoice("dots"), 8, ClassifySettings(classes=50), steps=2))
