"""What is carried over is counted as described, and told for what it is."""

import numpy as np
import pytest

from benchmarks.apply.measure import Truth, dice, joined, one_sided, with_together
from benchmarks.apply.page import SUMMARY, VOLUMES, apply_sections
from benchmarks.apply.records import APPLY_STORE, AppliedStructure, ApplyRecord
from napari_hypseg.geometry.metric import EUCLIDEAN
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy
from napari_hypseg.hierarchy.contingency import Contingency


def test_leaves_of_one_volume_alone_are_counted_by_their_voxels():
    first = np.array([1] * 50 + [2] * 10 + [0] * 7, dtype=np.uint16)
    second = np.array([1] * 2 + [2] * 10 + [3] * 28, dtype=np.uint16)
    assert one_sided([first, second]) == pytest.approx((52 + 28) / 100)


def test_tables_of_several_volumes_are_added_class_by_class():
    one = Contingency(np.array([[0, 0], [4, 1], [0, 5]]), np.array([0, 7]))
    other = Contingency(np.array([[0, 0], [2, 2], [1, 0]]), np.array([3, 7]))
    both = joined([one, other])
    np.testing.assert_array_equal(both.classes, [0, 3, 7])
    np.testing.assert_array_equal(both.counts, [[0, 0, 0], [4, 2, 3], [0, 1, 5]])
    assert dice(both, (7,), np.array([False, True])) == pytest.approx(2 * 5 / (6 + 8))
    assert dice(both, (7,), np.array([False, False])) == 0


def record(seed, carried, target="b", together=None):
    structures = {"core": AppliedStructure(0.9, carried, 0.8, together)}
    return ApplyRecord("brains", target, ["a"], "60 steps", 512, seed, structures, 0.4, 0.8, 12.0, 10.0, 0.3, None)


def test_the_page_tells_shares_of_what_is_reached_on_the_volume_itself(tmp_path):
    records = APPLY_STORE.add(tmp_path / "apply.json", [record(0, 0.4), record(1, 0.8), record(1, 0.8, "c", 0.7)])
    assert APPLY_STORE.load(tmp_path / "apply.json") == records
    sections = apply_sections(records)
    assert (
        "| brains | 0.90 ± 0.00 | 0.60 ± 0.28 | 0.80 ± 0.00 | 0.75 ± 0.35 | 0.70 | 40 % | 80 % | 30 % | – |"
        in sections[SUMMARY]
    )
    assert "| b | 0.90 / 0.60 / 0.80 |" in sections[VOLUMES]
    assert set(apply_sections([]).values()) == {None}


def test_what_is_named_on_the_others_is_read_on_the_volume_learned_with_them():
    classes = np.array([0, 7])
    here = Contingency(np.array([[0, 0], [2, 6], [8, 2]]), classes)
    other = Contingency(np.array([[0, 0], [0, 9], [9, 0]]), classes)
    tree = build_hierarchy(np.array([[0.0], [1.0]], np.float32), np.array([8, 10]), EUCLIDEAN, "ward")
    truth = Truth(np.zeros((1, 1, 1), np.uint8), {"core": (7,)})
    told = with_together(record(0, 0.4), [other, here], [tree], truth, 1, 2)
    assert told.structures["core"].together == pytest.approx(2 * 6 / (8 + 8))
    assert told.structures["core"].carried == 0.4
