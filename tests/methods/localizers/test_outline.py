import numpy as np
import pytest
import torch
from scipy import ndimage

from napari_hypseg.jobs import Command, Progress, drive, quietly
from napari_hypseg.methods.localizers.outline import near_edge, outline_mask, sample_probability, to_edges
from napari_hypseg.methods.localizers.seeds import BACKGROUND, SAMPLE, UNKNOWN
from napari_hypseg.volumes.coarse import CoarseVolume

SHAPE = (30, 32, 34)
BLOCK = (slice(8, 22), slice(9, 25), slice(8, 26))
FEW = 25
CPU = torch.device("cpu")


def noise(shape=SHAPE, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def coarse(data, valid=None):
    seen = np.ones(data.shape[1:], bool) if valid is None else valid
    return CoarseVolume(data.astype(np.float32), seen, (1, 1, 1), data.shape[1:])


def truth():
    mask = np.zeros(SHAPE, bool)
    mask[BLOCK] = True
    return mask


CORE = ndimage.binary_erosion(truth(), iterations=3)


def textured(valid=None):
    """A block of smooth texture in noise; its mean is that of the noise."""
    data = 0.4 * noise()
    texture = ndimage.gaussian_filter(noise(seed=1), 1.0)
    data[BLOCK] += (texture / texture.std())[BLOCK]
    return coarse(data[None], valid)


def seeds():
    """What is sure of it, with a skin of six cells that is not."""
    made = np.full(SHAPE, UNKNOWN, np.int8)
    made[CORE] = SAMPLE
    made[~ndimage.binary_dilation(truth(), iterations=3)] = BACKGROUND
    return made


def learned(volume, known, seed=0, steps=FEW):
    return quietly(sample_probability(volume, known, steps, seed, CPU))


def bright(body=2.0, valid=None):
    data = 0.1 * noise(seed=3)
    data[BLOCK] += body
    return coarse(data[None], valid)


def test_a_textured_block_is_learned_from_its_core():
    sure = learned(textured(), seeds(), steps=40)
    assert sure.shape == SHAPE
    assert sure.dtype == np.float32
    assert ((sure >= 0) & (sure <= 1)).all()
    assert sure[truth()].mean() > 0.85
    assert sure[~truth()].mean() < 0.3
    skin = (seeds() == UNKNOWN) & truth()
    assert sure[skin].mean() > 2 * sure[~truth()].mean()


def test_the_outline_of_a_textured_block_lies_at_its_ends():
    volume = textured()
    mask = outline_mask(learned(volume, seeds(), steps=40), CORE, volume)
    for held, side in zip(np.nonzero(mask), BLOCK, strict=True):
        assert (int(held.min()), int(held.max()) + 1) == pytest.approx((side.start, side.stop), abs=2)


def test_same_seed_same_probabilities():
    one, two, other = (learned(textured(), seeds(), seed, 4) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


def test_it_tells_of_every_step_and_is_not_stopped():
    told = []
    job = sample_probability(textured(), seeds(), 5, 0, CPU)
    sure = drive(job, lambda event: told.append(event) or Command.STOP)
    assert all(isinstance(event, Progress) and event.stage == "outline" for event in told)
    assert [event.step for event in told if event.metrics] == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(sure, learned(textured(), seeds(), steps=5))


@pytest.mark.parametrize("only", [BACKGROUND, SAMPLE, UNKNOWN])
def test_without_seeds_of_both_kinds_nothing_is_sample(only):
    sure = learned(textured(), np.full(SHAPE, only, np.int8))
    assert sure.shape == SHAPE
    assert not sure.any()


def test_where_nothing_is_valid_there_is_no_sample():
    valid = np.ones(SHAPE, bool)
    valid[:, :, 20:] = False
    volume = textured(valid)
    known = seeds()
    known[~valid] = BACKGROUND
    sure = learned(volume, known)
    assert not sure[~valid].any()
    assert sure[CORE & valid].mean() > 0.5
    assert not outline_mask(sure, CORE, volume)[~valid].any()
    assert not to_edges(truth(), volume)[~valid].any()


@pytest.mark.parametrize("shape", [(1, 9, 9), (2, 2, 2), (70, 3, 2), (1, 1, 2), (2, 28, 26)])
@pytest.mark.parametrize("scale", [0, 1])
def test_any_grid(shape, scale):
    volume = coarse(scale * noise((2, *shape)))
    known = np.full(shape, BACKGROUND, np.int8)
    known.flat[: max(1, known.size // 8)] = SAMPLE
    sure = learned(volume, known, steps=2)
    assert sure.shape == shape
    assert ((sure >= 0) & (sure <= 1)).all()
    for certain in (sure, (known == SAMPLE).astype(np.float32), np.ones(shape, np.float32)):
        assert outline_mask(certain, known == SAMPLE, volume).shape == shape
    assert to_edges(known == SAMPLE, volume).shape == shape
    assert not to_edges(np.zeros(shape, bool), volume).any()


@pytest.mark.parametrize("body", [2.0, -2.0])
@pytest.mark.parametrize("off", ["larger", "smaller", "beside"])
def test_the_outline_moves_two_cells_to_the_edge(off, body):
    volume = bright(body)
    given = {
        "larger": ndimage.binary_dilation(truth(), iterations=2),
        "smaller": ndimage.binary_erosion(truth(), iterations=2),
        "beside": np.roll(truth(), 2, 1),
    }[off]
    found = to_edges(given, volume)
    assert (found != truth()).sum() < 0.2 * (given != truth()).sum()
    for held, side in zip(np.nonzero(found), BLOCK, strict=True):
        assert (int(held.min()), int(held.max()) + 1) == (side.start, side.stop)


def test_the_outline_does_not_move_farther_than_the_nearest_edge():
    """A mask that is much too small does not jump to a far edge."""
    small = np.zeros(SHAPE, bool)
    small[12:18, 14:20, 14:20] = True
    found = to_edges(small, bright())
    assert found[small].mean() > 0.5
    assert not found[ndimage.distance_transform_edt(~small) > 3].any()


def test_a_likely_block_beside_the_edge_is_outlined_at_the_edge():
    sure = 0.99 * np.roll(truth(), 2, 2).astype(np.float32)
    found = outline_mask(sure, CORE, bright())
    assert (found != truth()).mean() < 0.01


def test_the_mask_is_the_piece_that_holds_the_core_with_its_cavities():
    sure = 0.99 * truth().astype(np.float32)
    sure[13:16, 14:18, 14:18] = 0
    sure[1:6, 1:6, 1:6] = 0.99
    mask = outline_mask(sure, CORE, bright())
    assert mask[14, 16, 16]
    assert not mask[:6].any()


def test_a_thin_holder_is_taken_away():
    sure = 0.99 * truth().astype(np.float32)
    sure[22:, 16:18, 16:18] = 0.99
    mask = outline_mask(sure, CORE, bright())
    assert mask[CORE].all()
    assert not mask[-4:].any()


def test_a_thin_holder_is_taken_away_even_if_it_is_as_bright_as_the_sample():
    volume = bright()
    volume.data[0, 22:, 15:18, 15:18] += 2
    sure = 0.99 * truth().astype(np.float32)
    sure[22:, 15:18, 15:18] = 0.99
    assert not outline_mask(sure, CORE, volume)[-4:].any()


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_all_or_nothing(level):
    mask = outline_mask(np.full(SHAPE, level, np.float32), CORE, bright())
    assert mask.mean() == (level == 1)


def test_near_the_edge_are_cells_of_one_kind_close_to_the_other():
    known = np.full((1, 1, 20), BACKGROUND, np.int8)
    known[..., :10] = SAMPLE
    np.testing.assert_array_equal(np.flatnonzero(near_edge(known)), range(7, 13))
    known[..., 6:14] = UNKNOWN
    assert not near_edge(known).any()
