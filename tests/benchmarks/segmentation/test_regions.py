"""Volumes that are scored are learned from by nobody, and every way of grouping finds regions that are there."""

import numpy as np
import pytest
import torch

from benchmarks.phantom.split import FULL_SPLIT, PARTS, QUICK_SPLIT, VARIANTS, PhantomSplit, make_phantoms
from benchmarks.segmentation.features import FLAT
from benchmarks.segmentation.grouping import GROUPINGS
from benchmarks.segmentation.regions import LEVEL_OF, level_dice
from benchmarks.segmentation.supervoxels import ward_over_supervoxels
from napari_hypseg.jobs import quietly
from napari_hypseg.volumes.phantom import LEVELS, phantom
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import Volume


@pytest.fixture(scope="module")
def made():
    return phantom((24, 24, 24), 3)


def truth(made):
    """Regions that are the classes of each level."""
    return {k: np.array(LEVELS[level], np.uint16)[made.labels] + np.uint16(1) for k, level in LEVEL_OF.items()}


@pytest.mark.parametrize("split", [FULL_SPLIT, QUICK_SPLIT])
def test_no_volume_is_in_two_parts(split):
    seeds = [set(split.seeds(part)) for part in ("learned", *PARTS)]
    assert [len(own) for own in seeds] == [split.learned, split.test, split.validation]
    assert len(set.union(*seeds)) == sum(map(len, seeds))


def test_the_published_division():
    assert (FULL_SPLIT.edge, FULL_SPLIT.learned, FULL_SPLIT.validation, FULL_SPLIT.test) == (50, 80, 20, 20)


def test_variants_differ_and_are_the_same_every_time():
    split = PhantomSplit(20, 1, 0, 1)
    regular, again, irregular = (
        quietly(make_phantoms(split, "test", variant))[0].labels for variant in ("regular", "regular", "irregular")
    )
    assert np.array_equal(regular, again)
    assert not np.array_equal(regular, irregular)
    assert set(VARIANTS) == {"regular", "irregular"}


def test_the_truth_is_worth_one_and_a_single_region_is_not(made):
    assert quietly(level_dice(truth(made), made)) == {k: pytest.approx(1) for k in LEVEL_OF}
    one = np.ones(made.labels.shape, np.uint16)
    dice = quietly(level_dice(dict.fromkeys(LEVEL_OF, one), made))
    inside = int((made.labels > 0).sum())
    largest = max(inside, made.labels.size - inside)
    assert dice[2] == pytest.approx(largest / (made.labels.size + largest))
    assert dice[2] > dice[4] > dice[8]


def test_dice_is_that_of_counting_by_hand(made):
    regions = truth(made)[4].copy()
    regions[:12] = 1
    dice = []
    for label in range(4):
        own, found = truth(made)[4] == label + 1, regions == label + 1
        dice.append(2 * (own & found).sum() / (own.sum() + found.sum()))
    assert quietly(level_dice({4: regions}, made))[4] == pytest.approx(np.mean(dice))


@pytest.mark.parametrize(("name", "least"), [("k-means", 1), ("mixture", 1), ("tree", 0.95)])
def test_points_that_are_the_classes_are_found(made, name, least):
    places = torch.tensor([[-100.0], [10], [20], [30], [19], [31]])
    points = places[torch.from_numpy(made.labels).long()]
    points = points + 0.01 * torch.randn(points.shape, generator=torch.Generator().manual_seed(0))
    clear = Specimen(Volume((points[..., 0].numpy(),)))
    regions = quietly(GROUPINGS[name](points, FLAT, clear, 12, 0))
    assert set(regions) == set(LEVEL_OF)
    for k, ids in regions.items():
        assert ids.dtype == np.uint16
        assert ids.min() >= 1
        assert ids.max() <= k
    dice = quietly(level_dice(regions, made))[2]
    assert dice <= 1
    assert dice >= least - 1e-6, "a tree is one of small regions, whose faces are a voxel off here and there"


def test_few_leaves_have_few_cuts(made):
    plain = np.zeros(made.labels.shape, np.float32)
    plain[:, :, 12:], plain[:, 12:, 12:] = 10, 20
    regions = quietly(GROUPINGS["tree"](torch.from_numpy(plain)[..., None], FLAT, Specimen(Volume((plain,))), 12, 0))
    assert len(np.unique(regions[8])) < 8
    assert len(np.unique(regions[2])) == 2


def test_cuts_of_the_tree_are_nested(made):
    points = torch.randn(24, 24, 24, 2, generator=torch.Generator().manual_seed(1))
    regions = quietly(GROUPINGS["tree"](points, FLAT, Specimen(made.volume), 16, 0))
    for coarse, fine in ((2, 4), (4, 8)):
        pairs = set(zip(regions[fine].ravel().tolist(), regions[coarse].ravel().tolist(), strict=True))
        assert len(pairs) == fine


def test_supervoxels_do_better_than_grey_values(made):
    specimen = Specimen(made.volume)
    cells = quietly(level_dice(quietly(ward_over_supervoxels(specimen)), made))
    grey = torch.from_numpy(np.asarray(made.volume.channels[0])).unsqueeze(-1)
    alone = quietly(level_dice(quietly(GROUPINGS["k-means"](grey, FLAT, specimen, 8, 0)), made))
    assert set(cells) == set(LEVEL_OF)
    assert sum(cells.values()) > sum(alone.values())
