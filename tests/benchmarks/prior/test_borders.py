import numpy as np
import pytest

pytest.importorskip("SimpleITK")

from benchmarks.prior.borders import Borders, compare_borders, surface_for_volume
from benchmarks.prior.measure import DEFAULT, TRUE
from benchmarks.prior.page import prior_sections
from benchmarks.prior.records import PriorRecord


def _box(edge, shape=(20, 20, 20), code=3):
    made = np.zeros(shape, dtype=np.int64)
    made[2 : 2 + edge, 2 : 2 + edge, 2 : 2 + edge] = code
    return made


def test_the_surface_of_a_cube_does_not_depend_on_its_size():
    assert surface_for_volume(_box(4) > 0) == pytest.approx(6.0)
    assert surface_for_volume(_box(20, (22, 22, 22)) > 0) == pytest.approx(6.0)


def test_labels_like_the_truth_have_its_borders():
    compared = compare_borders(_box(8), _box(4), [3])
    assert (pytest.approx(compared.roughness), compared.outside, compared.components) == (1.0, 0.0, 1)


def test_stray_voxels_and_ragged_borders_are_seen():
    found = _box(8)
    found[15, 15, 15] = found[18, 18, 18] = 3
    found[2, 2:10:2, 2:10:2] = 0
    compared = compare_borders(found, _box(8), [3])
    assert compared.components == 3
    assert compared.outside == pytest.approx(2 / (8**3 - 16 + 2))
    assert compared.roughness > 1.1


def test_structures_that_were_not_found_do_not_count():
    assert compare_borders(_box(8), _box(4), [3, 9]).components == 1
    assert compare_borders(_box(8, code=1), _box(4), [3]) == Borders(0.0, 0.0, 0.0)


def test_the_truth_stands_among_the_borders_alone():
    dice, borders = {"body": 0.5}, {"roughness": 1.25, "outside": 0.031, "components": 4}
    own = {"body": 1.0}, {"roughness": 1.0, "outside": 0.0, "components": 1}
    records = [PriorRecord(DEFAULT, 0, 88, 1, 40, dice, borders, 1.0, 2.0), PriorRecord(TRUE, 0, 88, 1, 40, *own, 0, 0)]
    sections = prior_sections(records)
    assert f"| 88 | {DEFAULT} | 1.25 | 3.1 | 4 |" in sections["borders"]
    assert f"| 88 | {TRUE} | 1.00 | 0.0 | 1 |" in sections["borders"]
    assert TRUE not in sections["summary"]
    assert TRUE not in sections["structures"]
