"""What the window asks to be measured, and the file with the ids of pieces."""

import numpy as np
import pytest

from napari_hypseg._qt.jobs.project_jobs import measure
from napari_hypseg._qt.jobs.serialization import decode, encode
from napari_hypseg.errors import OutputError
from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.jobs import quietly
from napari_hypseg.pipeline.measure_choice import MeasureChoice, write_pieces_job
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.structures.edits import MakeStructure
from napari_hypseg.structures.instances import InstanceSettings, instances_job
from napari_hypseg.structures.leaf_ranges import to_ranges
from napari_hypseg.structures.measurement_summary import count_words
from tests.project.conftest import SHAPE, cell, segment


@pytest.fixture
def project(tmp_path):
    """Four leaves of 84 voxels one after the other; a is the first and the last, b the second."""
    made = Project.create(tmp_path / "cell", [cell()], RunSettings())
    segment(made)
    made.reload()
    for name, leaves in (("a", [0, 3]), ("b", [1])):
        ranges = to_ranges(np.array(leaves))
        made.structures.do(MakeStructure(name=name, colour=(1.0, 0.0, 0.0), leaves=ranges, tree=PARTS))
    yield made
    made.close()


def test_pieces_come_back_as_a_table_and_a_file(project, tmp_path):
    file = tmp_path / "pieces.npy"
    choice = decode(encode(MeasureChoice(structure="a", distance_to="b")))
    report = decode(encode(quietly(measure(None, str(project.path), choice, {"min_voxels": 1}, str(file)))))
    assert count_words(report.table, report.what) == "2 pieces of a"
    assert report.table["name"].tolist() == ["a #1", "a #2"]
    assert report.table["voxels"].tolist() == [84, 84]
    assert report.table["distance_to_b"].tolist() == pytest.approx([1.0, 1.0], abs=1.0)
    wanted = np.zeros(336, int)
    wanted[:84], wanted[-84:] = 1, 2
    np.testing.assert_array_equal(np.load(file), wanted.reshape(SHAPE))


def test_regions_and_whole_structures_need_no_file(project, tmp_path):
    regions = quietly(measure(None, str(project.path), MeasureChoice(project.cut(3)), {}, str(tmp_path / "none")))
    assert count_words(regions.table, regions.what) == "3 regions"
    whole = quietly(measure(None, str(project.path), MeasureChoice(), {}, str(tmp_path / "none")))
    assert whole.table["name"].tolist() == ["a", "b"]
    assert not (tmp_path / "none").exists()


def test_a_full_disk_is_said_in_a_sentence(tmp_path):
    pieces = quietly(instances_job(np.ones((2, 2, 2), bool), (1.0, 1.0, 1.0), InstanceSettings()))
    with pytest.raises(OutputError, match="cannot be written"):
        quietly(write_pieces_job(pieces, tmp_path / "missing" / "pieces.npy"))
