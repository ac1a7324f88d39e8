"""Maximum autocorrelation factors: what is smooth from region to region comes first, whatever its variance."""

import numpy as np
import pytest

from napari_hypseg.encoding import factors as factors_module
from napari_hypseg.encoding.factors import FACTORS, factors_job
from napari_hypseg.jobs import quietly

EDGE = 24
ONE = np.zeros(EDGE**2, np.int64)


@pytest.fixture
def grid():
    """Regions in a square, each touching its four neighbours: places (r, 2), pairs and contacts."""
    number = np.arange(EDGE**2).reshape(EDGE, EDGE)
    along = [
        np.stack([number[:-1].ravel(), number[1:].ravel()]),
        np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
    ]
    pairs = np.concatenate(along, axis=1).T
    places = np.stack(np.divmod(number.ravel(), EDGE), axis=1)
    return places, pairs, np.full(len(pairs), 3)


def correlation(first, second):
    return abs(np.corrcoef(first, second)[0, 1])


def mixed(places, seed=0):
    """Two noisy features of high variance that hide a wave of low variance, each turned into the others; the wave."""
    rng = np.random.default_rng(seed)
    wave = np.sin(places[:, 0] / 4)
    turned, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    features = np.stack([0.3 * wave, *rng.normal(size=(2, len(places)))], axis=1)
    return (features @ turned).astype(np.float32), wave


def test_what_changes_slowly_comes_first(grid):
    places, pairs, contacts = grid
    looks, wave = mixed(places)
    sizes = np.ones(len(places), np.int64)
    found = quietly(factors_job(looks, sizes, ONE, pairs, contacts))
    assert found.shape == (len(places), FACTORS)
    assert max(correlation(column, wave) for column in looks.T) < 0.6 < 0.9 < correlation(found[:, 0], wave)
    assert found.var(axis=0).sum() == pytest.approx(1, rel=1e-4)
    differences = np.square(found[pairs[:, 0]] - found[pairs[:, 1]]).mean(axis=0) / found.var(axis=0)
    assert (np.diff(differences) > 0).all()


def test_scale_and_turn_of_the_features_do_not_matter(grid, monkeypatch):
    places, pairs, contacts = grid
    looks, _ = mixed(places)
    sizes = np.random.default_rng(1).integers(1, 50, len(places))
    found = quietly(factors_job(looks, sizes, ONE, pairs, contacts))
    turned, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))
    other = quietly(factors_job((100 * looks @ turned + 7).astype(np.float32), sizes, ONE, pairs, contacts))
    np.testing.assert_allclose(np.abs(other), np.abs(found), atol=2e-3)
    monkeypatch.setattr(factors_module, "ROWS_AT_ONCE", 100)
    pieces = quietly(factors_job(looks, sizes, ONE, pairs, contacts))
    np.testing.assert_allclose(np.abs(pieces), np.abs(found), atol=1e-4)


def test_regions_that_touch_nothing_and_looks_that_are_all_the_same(grid):
    places, pairs, contacts = grid
    sizes = np.ones(len(places), np.int64)
    nothing = quietly(factors_job(np.ones((len(places), 3), np.float32), sizes, ONE, pairs, contacts))
    np.testing.assert_allclose(nothing, 0, atol=1e-6)
    alone = quietly(factors_job(mixed(places)[0], sizes, ONE, pairs[:0], contacts[:0]))
    assert np.isfinite(alone).all()
    assert alone.var(axis=0).sum() == pytest.approx(1, rel=1e-4)
    assert quietly(factors_job(np.ones((1, 1), np.float32), sizes[:1], ONE[:1], pairs[:0], contacts[:0])).shape == (
        1,
        4,
    )


def test_specimens_are_not_told_apart_because_they_never_touch(grid):
    places, pairs, contacts = grid
    both = np.concatenate([mixed(places)[0]] * 2)
    both[:, 0] += np.repeat([0, 1], len(places))
    specimens = np.repeat([0, 1], len(places))
    twice = np.concatenate([pairs, pairs + len(places)]), np.tile(contacts, 2)
    found = quietly(factors_job(both, np.ones(len(both), np.int64), specimens, *twice))
    np.testing.assert_allclose(found[: len(places)], found[len(places) :], atol=1e-3)
