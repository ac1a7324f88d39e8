"""Structures of each level are taken together; seeds are their spread."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.clicks.levels import level_scores, level_table
from benchmarks.clicks.records import CLICK_STORE, ClickRecord, LevelScore
from benchmarks.real.annotated_groups import Group
from napari_hypseg.geometry.metric import EUCLIDEAN
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy
from napari_hypseg.hierarchy.contingency import Contingency


def test_means_of_the_structures_of_a_level():
    """Leaves 0 and 1 are one node of one tree, 1 and 2 one of the other."""
    counts = 1000 * np.array([[0, 0, 0, 0], [10, 0, 0, 0], [0, 10, 0, 0], [0, 0, 10, 0]])
    counts[3, 3] = 1
    sizes = np.full(3, 10)
    trees = {
        name: build_hierarchy(np.array(points, np.float32)[:, None], sizes, EUCLIDEAN, "ward")
        for name, points in (("parts", [0, 1, 9]), ("kinds", [0, 8, 9]))
    }
    groups = [Group("whole", 1, (1, 2)), Group("left", 2, (1,)), Group("right", 2, (2,)), Group("other", 1, (2, 3))]
    groups += [Group("speck", 2, (4,)), Group("mote", 3, (4,))]
    first, second = level_scores(groups, Contingency(counts, np.array([1, 2, 3, 4])), trees, 2).values()
    assert [(one.structures, one.occurring) for one in (first, second)] == [(2, 2), (2, 3)]
    assert first.nodes == pytest.approx({"parts": (1 + 0.8) / 2, "kinds": (0.8 + 1) / 2}, abs=1e-4)
    assert first.best_node == first.best_union == pytest.approx(1, abs=1e-4)
    assert second.nodes == {"parts": 1, "kinds": 1}
    assert first.regions["20"] == first.best_union


def record(seed, dice):
    score = LevelScore(4, 5, {"parts": dice, "kinds": 0.5}, dice, 0.9, {"1": 0.3, "3": 0.6})
    made = ClickRecord("brain", "1", "hyperbolic", "1 min", "cpu", 512, seed, (8, 8, 8), 512, 12, 3.0, {})
    return replace(made, levels={"2": score})


def test_seeds_are_the_spread_and_levels_are_kept(tmp_path):
    CLICK_STORE.add(tmp_path / "clicks.json", [record(0, 0.6), record(1, 0.7)])
    kept = CLICK_STORE.load(tmp_path / "clicks.json")
    row = "| brain, level 2: 4 of 5 structures | 0.50 ± 0.00 | 0.65 ± 0.07 | 0.65 ± 0.07 | 0.90 ± 0.00 | 0.60 ± 0.00 |"
    assert row in (level_table(kept, [3]) or "")
    assert level_table([replace(one, levels={}) for one in kept], [3]) is None
