"""Particles while a person looks for the right settings: every request is answered, if only with the reason why not."""

import numpy as np
import pytest

from napari_hypseg.hierarchy.trees import PARTS
from napari_hypseg.pipeline.preview_particles import (
    ParticleChoice,
    ParticlesReport,
    ParticlesRequest,
    preview_particles,
)
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.structures.edits import MakeStructure, MarkJunk
from napari_hypseg.volumes import Specimen, Volume
from tests.project.conftest import four_leaves

SHAPE = (4, 6, 12)
RED = (1.0, 0.5, 0.0)


@pytest.fixture
def project(tmp_path):
    """Leaves are slabs of three columns; bars are the first and the last, and cell is the second."""
    made = Project.create(tmp_path / "cell", [Specimen(Volume((np.zeros(SHAPE, np.float32),)))], RunSettings())
    (leaves,) = made.store.start_segmentation([SHAPE])
    leaves[:] = np.broadcast_to(np.arange(12) // 3 + 1, SHAPE)
    made.store.finish_segmentation({PARTS: four_leaves()}, {})
    made.reload()
    made.structures.do(MakeStructure(name="bars", colour=RED, leaves="0,3", tree=PARTS))
    made.structures.do(MakeStructure(name="cell", colour=RED, leaves="1", tree=PARTS))
    yield made
    made.close()


def answer(project, **choice):
    request = ParticlesRequest(5, ParticleChoice(**choice))
    job = preview_particles(project.path, lambda: request)
    report = next(event for event in job if isinstance(event, ParticlesReport))
    job.close()
    assert report.number == 5
    return report


def test_particles_are_found_and_counted_on_their_parents(project):
    counted = answer(project, structure="bars", parent="cell").counted
    assert sorted(counted.particles.positions.tolist()) == [[1.5, 2.5, 1.0], [1.5, 2.5, 10.0]]
    assert sorted(counted.particles.scalars["parent"].tolist()) == [0, 1]
    assert counted.parents["particles"].tolist() == [1]
    assert counted.count.free == 1
    assert answer(project, structure="bars").counted.parents is None


def test_what_cannot_be_is_told_and_ends_nothing(project):
    assert "is 90 or more pixel across" in answer(project, structure="bars", settings={"min_diameter": 90}).problem
    assert "nucleus" in answer(project, structure="nucleus").problem
    assert "how far apart" in answer(project, structure="bars", settings={"source": "surface"}).problem
    assert "spacing" in answer(project, structure="bars", settings={"spacing": -1}).problem


def test_junk_is_neither_counted_nor_handed_on(project):
    project.structures.do(MarkJunk(structure=1, specimen=0, places=((1.5, 2.5, 10.0),), junk=True))
    counted = answer(project, structure="bars", parent="cell").counted
    assert counted.particles.positions.tolist() == [[1.5, 2.5, 1.0]]
    assert counted.everything.take(counted.junk).positions.tolist() == [[1.5, 2.5, 10.0]]
    assert len(counted.everything) == 2
    assert counted.count.count == 1
    assert counted.notes == ("1 of the 2 particles is marked as junk and left out.",)
    project.structures.do(MarkJunk(structure=1, specimen=0, places=((1.5, 2.5, 1.0),), junk=True))
    counted = answer(project, structure="bars").counted
    assert (counted.count.count, counted.junk.tolist()) == (0, [True, True])
    project.structures.undo()
    project.structures.undo()
    assert answer(project, structure="bars").counted.count.count == 2


def test_particles_of_a_file_are_counted_without_what_was_marked(project, tmp_path):
    (tmp_path / "theirs.csv").write_text("z,y,x\n1,2,4\n1,2,10\n1,2,99\n")
    picks = str(tmp_path / "theirs.csv")
    counted = answer(project, structure="", picks=picks, parent="cell", box_size=6, junk=((1.0, 2.0, 10.0),)).counted
    assert counted.particles.positions.tolist() == [[1, 2, 4]]
    assert counted.parents["particles"].tolist() == [1]
    assert (counted.particles.box_size, counted.everything.box_size) == (6, 6)
    assert counted.junk.tolist() == [False, True]
    assert "1 of the 3 particles" in counted.notes[0]
    assert counted.notes[-1].startswith("1 of the 2 particles is marked as junk")
    assert "gone.csv" in answer(project, structure="", picks=str(tmp_path / "gone.csv")).problem


def test_a_hollow_structure_is_said_to_be_hollow_unless_it_is_filled(tmp_path):
    rows, columns = np.indices((6, 30, 30))[1:]
    ring = np.abs(np.hypot(rows - 14, columns - 14) - 9) < 2
    made = Project.create(tmp_path / "ring", [Specimen(Volume((np.zeros(ring.shape, np.float32),)))], RunSettings())
    (leaves,) = made.store.start_segmentation([ring.shape])
    leaves[:] = np.where(ring, 1, 2).astype(np.uint16)
    made.store.finish_segmentation({PARTS: four_leaves()}, {})
    made.reload()
    made.structures.do(MakeStructure(name="shell", colour=RED, leaves="0", tree=PARTS))
    counted = answer(made, structure="shell").counted
    assert counted.hollow.startswith("shell is hollow: it encloses ")
    assert counted.hollow in counted.notes
    assert not answer(made, structure="shell", pieces={"fill_hollow": True}).counted.hollow
    assert not answer(made, structure="shell", settings={"source": "surface", "spacing": 4}).counted.hollow
    made.close()
