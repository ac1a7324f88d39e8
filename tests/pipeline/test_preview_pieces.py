"""Pieces before they are measured: one job answers one request after the other, and drops what is not wanted."""

import numpy as np
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.trees import PARTS
from napari_hypseg.pipeline.measure_choice import MeasureChoice
from napari_hypseg.pipeline.preview_pieces import PiecesReport, PiecesRequest, preview_pieces
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.structures.edits import MakeStructure
from napari_hypseg.volumes import Specimen, Volume
from tests.project.conftest import four_leaves

SHAPE = (4, 6, 12)
SHELL = MakeStructure(name="shell", colour=(1.0, 0.5, 0.0), leaves="0,3", tree=PARTS)


@pytest.fixture
def project(tmp_path):
    """Leaves are slabs of three columns; shell is the first and the last."""
    made = Project.create(tmp_path / "cell", [Specimen(Volume((np.zeros(SHAPE, np.float32),)))], RunSettings())
    (leaves,) = made.store.start_segmentation([SHAPE])
    leaves[:] = np.broadcast_to(np.arange(12) // 3 + 1, SHAPE)
    made.store.finish_segmentation({PARTS: four_leaves()}, {})
    made.reload()
    made.structures.do(SHELL)
    yield made
    made.close()


def reported(job):
    return next(event for event in job if isinstance(event, PiecesReport))


def test_each_request_is_answered_with_the_structures_as_they_are_then(project, tmp_path):
    newest = [None]
    job = preview_pieces(project.path, lambda: newest[0])
    next(job)
    newest[0] = PiecesRequest(1, MeasureChoice(structure="shell"), {}, str(tmp_path / "1.npy"))
    report = reported(job)
    assert (report.number, report.sizes.tolist()) == (1, [72, 72])
    ids = np.load(tmp_path / "1.npy")
    assert ids[0, 0].tolist() == [1] * 3 + [0] * 6 + [2] * 3
    project.structures.do(MakeStructure(name="lumen", colour=(0.0, 1.0, 0.0), leaves="3", tree=PARTS))
    newest[0] = PiecesRequest(2, MeasureChoice(structure="shell"), {"min_voxels": 100}, str(tmp_path / "2.npy"))
    report = reported(job)
    assert (report.number, report.sizes.tolist(), report.n_small) == (2, [], 1)
    job.close()


def test_a_request_is_dropped_for_a_newer_one(project, tmp_path):
    newest = [PiecesRequest(1, MeasureChoice(structure="shell"), {}, str(tmp_path / "1.npy"))]
    job = preview_pieces(project.path, lambda: newest[0])
    next(job)
    newest[0] = PiecesRequest(2, MeasureChoice(structure="shell"), {}, str(tmp_path / "2.npy"))
    assert reported(job).number == 2
    assert not (tmp_path / "1.npy").exists()
    job.close()


def test_a_structure_that_is_not_there_is_named(project, tmp_path):
    request = PiecesRequest(1, MeasureChoice(structure="nucleus"), {}, str(tmp_path / "1.npy"))
    with pytest.raises(SettingError, match="nucleus"):
        reported(preview_pieces(project.path, lambda: request))
