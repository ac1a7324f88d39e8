import numpy as np
import pytest

from napari_hypseg.methods.localizers.composites import composite
from napari_hypseg.methods.localizers.seeds import BACKGROUND, SAMPLE, UNKNOWN

SHAPE = (30, 36, 36)
CORE = (slice(4, 14), slice(5, 17), slice(6, 16))
SEEDS = range(6)


def scene(shape=SHAPE, core=CORE, channels=1):
    """Noise of small values around a core of large ones; between them nobody knows."""
    draw = np.random.default_rng(0)
    data = draw.uniform(0, 1, (channels, *shape)).astype(np.float32)
    seeds = np.full(shape, BACKGROUND, np.int8)
    seeds[tuple(slice(max(0, part.start - 3), part.stop + 3) for part in core)] = UNKNOWN
    data[(slice(None), *core)] += 10
    seeds[core] = SAMPLE
    return data, seeds


def made(seed, **choices):
    data, seeds = scene(**choices)
    pasted, told = composite(data, seeds, np.random.default_rng(seed))
    return data, seeds, pasted, told


@pytest.mark.parametrize("seed", SEEDS)
def test_a_part_of_the_sample_appears_where_there_was_none(seed):
    _, seeds, _, told = made(seed)
    new = (told == SAMPLE) & (seeds != SAMPLE)
    core = (seeds == SAMPLE).sum()
    assert 0.4 * core < new.sum() <= core
    assert (seeds[new] == BACKGROUND).mean() > 0.5
    np.testing.assert_array_equal(told[~new], seeds[~new])


@pytest.mark.parametrize("seed", SEEDS)
def test_inside_it_has_the_grey_values_of_the_sample_and_elsewhere_nothing_changes(seed):
    """Only at its edge, which is blurred by half a cell, the two are mixed."""
    data, seeds, pasted, told = made(seed)
    new = (told == SAMPLE) & (seeds != SAMPLE)
    assert (pasted[0][new] > 3).all()
    sample = np.unique(data[0][seeds == SAMPLE])
    cells = pasted[0][new]
    nearest = sample[np.clip(np.searchsorted(sample, cells), 1, len(sample) - 1)]
    below = sample[np.clip(np.searchsorted(sample, cells) - 1, 0, len(sample) - 1)]
    copied = np.minimum(np.abs(cells - nearest), np.abs(cells - below)) < 1e-4
    assert copied.mean() > 0.25
    changed = np.nonzero((pasted != data)[0])
    reach = [(int(axis.min()) - 2, int(axis.max()) + 2) for axis in np.nonzero(new | (seeds == SAMPLE))]
    for axis, (low, high) in zip(changed, reach, strict=True):
        assert axis.min() >= low
        assert axis.max() <= high
    assert (pasted != data)[0].sum() < 4 * new.sum()


def test_the_piece_is_no_more_than_the_sample():
    data, seeds = scene()
    inner = np.linalg.norm((np.indices((10, 12, 10)).T - [4.5, 5.5, 4.5]).T, axis=0) < 5
    seeds[CORE] = np.where(inner, SAMPLE, UNKNOWN)
    for seed in SEEDS:
        _, told = composite(data, seeds, np.random.default_rng(seed))
        new = (told == SAMPLE) & (seeds != SAMPLE)
        assert 0 < new.sum() < inner.sum()


def test_what_was_given_stays_as_it_was():
    data, seeds = scene()
    before = data.copy(), seeds.copy()
    composite(data, seeds, np.random.default_rng(0))
    np.testing.assert_array_equal(data, before[0])
    np.testing.assert_array_equal(seeds, before[1])


def test_the_same_draw_gives_the_same():
    (*_, one, told), (*_, two, same), (*_, three, _) = made(3), made(3), made(4)
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(told, same)
    assert not np.array_equal(one, three)


def test_all_channels_are_pasted_at_the_same_place():
    data, seeds, pasted, told = made(1, channels=2)
    new = (told == SAMPLE) & (seeds != SAMPLE)
    assert (pasted[:, new] > 3).all()
    np.testing.assert_array_equal((pasted != data)[0], (pasted != data)[1])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("shape", "core"),
    [
        ((9, 9, 9), (slice(4, 5), slice(4, 5), slice(4, 5))),
        ((1, 20, 20), (slice(0, 1), slice(3, 12), slice(8, 9))),
        ((2, 2, 2), (slice(0, 1), slice(0, 1), slice(0, 2))),
        ((70, 3, 2), (slice(10, 50), slice(0, 3), slice(0, 2))),
        ((1, 1, 2), (slice(0, 1), slice(0, 1), slice(0, 1))),
        ((8, 8, 8), (slice(0, 8), slice(0, 8), slice(0, 8))),
    ],
)
def test_any_grid_and_a_core_of_any_size(shape, core, seed):
    data, _, pasted, told = made(seed, shape=shape, core=core)
    assert pasted.shape == data.shape
    assert pasted.dtype == np.float32
    assert np.isfinite(pasted).all()
    assert told.shape == shape
    assert set(np.unique(told)) <= {SAMPLE, BACKGROUND, UNKNOWN}
    assert (told[core] == SAMPLE).all()


def test_of_several_pieces_only_the_largest_is_pasted():
    data, seeds = scene()
    seeds[25, 30, 30], data[0, 25, 30, 30] = SAMPLE, 1000
    pasted, told = composite(data, seeds, np.random.default_rng(0))
    assert (pasted > 500).sum() <= 1
    assert ((told == SAMPLE) & (seeds != SAMPLE)).sum() > 100
