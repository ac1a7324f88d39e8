import numpy as np
import pytest
import torch

from napari_hypseg.jobs import Command, drive, quietly
from napari_hypseg.methods.outline import Lesson, Outline, balanced_loss, outline_input, outline_mask
from napari_hypseg.methods.seeds import SAMPLE, SURROUNDINGS, UNKNOWN
from napari_hypseg.volumes.coarse import CoarseVolume

SHAPE = (20, 22, 24)
BLOCK = (slice(5, 15), slice(6, 16), slice(7, 18))
EVERYWHERE = np.ones(SHAPE, bool)
CORE = np.zeros(SHAPE, bool)
CORE[12:14, 9:13, 12:15] = True
MANY = 1000


def coarse(data):
    return CoarseVolume(data, np.ones(data.shape[1:], bool), (1, 1, 1), data.shape[1:])


def lesson():
    """A bright block in noise, as it is after flattening, with seeds that leave its skin open."""
    data = np.random.default_rng(0).normal(0, 0.3, (1, *SHAPE)).astype(np.float32)
    data[(0, *BLOCK)] += 1
    seeds = np.full(SHAPE, SURROUNDINGS, np.int8)
    seeds[3:17, 4:18, 5:20] = UNKNOWN
    seeds[8:12, 9:13, 10:15] = SAMPLE
    inputs = len(outline_input(coarse(data)))
    return Lesson(torch.from_numpy(data.repeat(inputs, axis=0)), seeds)


def bce(odds, kind):
    return np.log1p(np.exp(-odds if kind == SAMPLE else odds))


def test_the_loss_weighs_both_kinds_the_same():
    odds = torch.full((1, 10, MANY, 1), 0.5)
    seeds = torch.full((1, 10, MANY, 1), SURROUNDINGS)
    seeds[:, 0] = SAMPLE
    odds[:, 0] = -1.0
    seeds[:, 1], odds[:, 1] = UNKNOWN, 50.0
    expected = (bce(-1.0, SAMPLE) + bce(0.5, SURROUNDINGS)) / 2
    assert float(balanced_loss(odds, seeds)) == pytest.approx(expected, rel=1e-4)


def test_where_nothing_is_known_there_is_nothing_to_learn():
    odds = torch.randn(1, 4, 4, 4, requires_grad=True)
    loss = balanced_loss(odds, torch.full((1, 4, 4, 4), UNKNOWN, dtype=torch.int8))
    loss.backward()
    assert float(loss.detach()) == 0
    assert (odds.grad == 0).all()


def test_a_few_cells_of_a_kind_count_for_less():
    odds, seeds = torch.zeros(1, 1, 1, MANY), torch.full((1, 1, 1, MANY), SURROUNDINGS)
    seeds[..., 0] = SAMPLE
    assert float(balanced_loss(odds, seeds)) < 0.6 * np.log(2)


def test_the_skin_is_found_between_the_seeds():
    outline = Outline(1, seed=0)
    quietly(outline.fit([lesson()], 50, torch.device("cpu")))
    found = outline_mask(outline.probability(lesson().data), CORE, EVERYWHERE)
    ends = [(int(held.min()), int(held.max()) + 1) for held in np.nonzero(found)]
    for end, side in zip(ends, BLOCK, strict=True):
        assert end == pytest.approx((side.start, side.stop), abs=2)


def test_same_seed_same_outline_and_stop_ends_learning():
    made = []
    for seed in (0, 0, 1):
        outline, told = Outline(1, seed), []
        drive(
            outline.fit([lesson()], 50, torch.device("cpu")),
            lambda event, told=told: told.append(event) or Command.STOP,
        )
        assert len(told) == 1
        made.append(outline.probability(lesson().data))
    np.testing.assert_array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])


@pytest.mark.parametrize("shape", [(1, 9, 9), (70, 3, 2), (130, 1, 5), (2, 2, 2)])
def test_probabilities_of_any_grid(shape):
    data = np.random.default_rng(0).normal(size=(2, *shape)).astype(np.float32)
    sure = Outline(2, seed=0).probability(outline_input(coarse(data)))
    assert sure.shape == shape
    assert ((sure >= 0) & (sure <= 1)).all()


def test_lessons_of_different_size_or_of_one_kind_are_no_error():
    data = np.random.default_rng(0).normal(size=(1, 1, 9, 30)).astype(np.float32)
    small = Lesson(outline_input(coarse(data)), np.zeros((1, 9, 30), np.int8))
    quietly(Outline(1, seed=0).fit([lesson(), small], 3, torch.device("cpu")))


def test_the_input_is_finite_and_has_every_channel():
    data = np.random.default_rng(0).normal(size=(3, *SHAPE)).astype(np.float32)
    seen = outline_input(coarse(data))
    assert seen.shape[1:] == SHAPE
    assert len(seen) % 3 == 0
    assert seen.dtype == torch.float32
    assert seen.isfinite().all()


def probable():
    sure = np.zeros(SHAPE, np.float32)
    sure[BLOCK] = 0.95
    return sure


def test_the_mask_is_the_largest_piece_with_its_cavities():
    sure = probable()
    sure[9:12, 9:12, 9:12] = 0
    sure[1:3, 1:3, 1:3] = 0.95
    mask = outline_mask(sure, CORE, EVERYWHERE)
    assert mask[10, 10, 10]
    assert not mask[:3].any()
    assert [int(np.ptp(axis)) + 1 for axis in np.nonzero(mask)] == pytest.approx([10, 10, 11], abs=2)


def test_a_thin_holder_from_the_border_is_taken_away():
    sure = probable()
    sure[15:, 10:12, 11:13] = 0.95
    assert not outline_mask(sure, CORE, EVERYWHERE)[-2:].any()


def test_what_is_not_valid_is_not_in_the_mask():
    valid = EVERYWHERE.copy()
    valid[:8] = False
    mask = outline_mask(probable(), CORE, valid)
    assert not mask[:8].any()
    assert mask[9:14, 8:14, 9:15].all()


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_all_or_nothing(level):
    mask = outline_mask(np.full(SHAPE, level, np.float32), CORE, EVERYWHERE)
    assert mask.mean() == level
