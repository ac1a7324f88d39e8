"""Points become leaves and a tree over the voxels that count, and over no others."""

import numpy as np
import pytest
import torch

from benchmarks.segmentation.features import FEATURES, FLAT
from benchmarks.segmentation.tree_of_points import segmented
from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.jobs import Notice, drive, quietly
from napari_hypseg.volumes.phantom import phantom
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import Volume

SHAPE = (18, 20, 22)


@pytest.fixture(scope="module")
def masked():
    mask = np.zeros(SHAPE, np.uint8)
    mask[3:15, 3:17, 3:19] = 1
    return Specimen(phantom(SHAPE, 1).volume, Volume((mask,), (10.0,) * 3, "angstrom", (0.0, 0.0, 0.0), "mask"))


def test_only_voxels_that_count_get_a_leaf(masked):
    ids, trees = quietly(segmented(FEATURES["raw"](masked), FLAT, masked, 12, 0))
    tree = trees[PARTS]
    inside = masked.inside(masked.volume.box)
    assert ids.dtype == np.uint16
    assert np.array_equal(ids > 0, inside)
    assert tree.n_leaves == 12
    assert int(tree.sizes[-1]) == int(inside.sum())
    assert np.array_equal(np.bincount(ids[inside], minlength=13)[1:].sum(), inside.sum())


def test_cuts_of_separate_points_are_the_groups():
    labels = torch.zeros(SHAPE, dtype=torch.long)
    labels[:, :, 8:], labels[:, 10:, 8:] = 1, 2
    grey = labels.numpy() + np.random.default_rng(0).normal(0, 0.02, SHAPE)
    shown = Specimen(Volume((grey.astype(np.float32),)))
    ball = PoincareBall(1.0)
    places = ball.expmap0(torch.tensor([[0.0, -1.5], [1.0, 0.8], [1.2, 1.0]]))
    points = places[labels] + 1e-4 * torch.randn(*SHAPE, 2, generator=torch.Generator().manual_seed(0))
    ids, trees = quietly(segmented(points, ball, shown, 8, 0))
    tree = trees[PARTS]
    for k, merged in ((3, labels.numpy()), (2, labels.numpy() > 0)):
        regions = lookup(tree, cut_at(tree, k))[ids]
        pairs = set(zip(regions.ravel().tolist(), merged.ravel().tolist(), strict=True))
        assert len(pairs) == k


def test_the_seed_decides():
    larger = Specimen(phantom((36, 36, 36), 1).volume)
    points = FEATURES["gaussian"](larger)
    first, again, other = (quietly(segmented(points, FLAT, larger, 16, seed))[0] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_more_leaves_than_regions_are_as_many_as_there_are(masked):
    events = []
    ids, trees = drive(segmented(FEATURES["raw"](masked), FLAT, masked, 60_000, 0), events.append)
    tree = trees[PARTS]
    assert np.array_equal(np.unique(ids), np.arange(tree.n_leaves + 1))
    assert 8 < tree.n_leaves < 2688
    (notice,) = (event.message for event in events if isinstance(event, Notice))
    assert f"{tree.n_leaves} leaves, not 60000" in notice


def test_points_in_half_precision_lose_nothing_that_counts(masked):
    points = FEATURES["gaussian"](masked)
    full, half = (quietly(segmented(values, FLAT, masked, 4, 0))[0] for values in (points, points.half()))
    assert np.mean(full == half) > 0.9
