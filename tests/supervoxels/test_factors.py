"""Maximum autocorrelation factors: what is smooth from region to region comes first, whatever its variance."""

import numpy as np
import pytest

from napari_hypseg.jobs import quietly
from napari_hypseg.supervoxels import factors as factors_module
from napari_hypseg.supervoxels.factors import N_FACTORS, autocorrelation_factors

EDGE = 24
ONE = np.zeros(EDGE**2, np.int64)


@pytest.fixture
def grid():
    """Regions in a square, each touching its four neighbours: places (r, 2), edges and contact areas."""
    number = np.arange(EDGE**2).reshape(EDGE, EDGE)
    along = [
        np.stack([number[:-1].ravel(), number[1:].ravel()]),
        np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
    ]
    edges = np.concatenate(along, axis=1).T
    places = np.stack(np.divmod(number.ravel(), EDGE), axis=1)
    return places, edges, np.full(len(edges), 3)


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
    places, edges, areas = grid
    features, wave = mixed(places)
    sizes = np.ones(len(places), np.int64)
    found = quietly(autocorrelation_factors(features, sizes, ONE, edges, areas))
    assert found.shape == (len(places), N_FACTORS)
    assert max(correlation(column, wave) for column in features.T) < 0.6 < 0.9 < correlation(found[:, 0], wave)
    assert found.var(axis=0).sum() == pytest.approx(1, rel=1e-4)
    differences = np.square(found[edges[:, 0]] - found[edges[:, 1]]).mean(axis=0) / found.var(axis=0)
    assert (np.diff(differences) > 0).all()


def test_scale_and_turn_of_the_features_do_not_matter(grid, monkeypatch):
    places, edges, areas = grid
    features, _ = mixed(places)
    sizes = np.random.default_rng(1).integers(1, 50, len(places))
    found = quietly(autocorrelation_factors(features, sizes, ONE, edges, areas))
    turned, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))
    other = quietly(autocorrelation_factors((100 * features @ turned + 7).astype(np.float32), sizes, ONE, edges, areas))
    np.testing.assert_allclose(np.abs(other), np.abs(found), atol=2e-3)
    monkeypatch.setattr(factors_module, "ROWS_AT_ONCE", 100)
    pieces = quietly(autocorrelation_factors(features, sizes, ONE, edges, areas))
    np.testing.assert_allclose(np.abs(pieces), np.abs(found), atol=1e-4)


def test_regions_that_touch_nothing_and_looks_that_are_all_the_same(grid):
    places, edges, areas = grid
    sizes = np.ones(len(places), np.int64)
    nothing = quietly(autocorrelation_factors(np.ones((len(places), 3), np.float32), sizes, ONE, edges, areas))
    np.testing.assert_allclose(nothing, 0, atol=1e-6)
    alone = quietly(autocorrelation_factors(mixed(places)[0], sizes, ONE, edges[:0], areas[:0]))
    assert np.isfinite(alone).all()
    assert alone.var(axis=0).sum() == pytest.approx(1, rel=1e-4)
    assert quietly(
        autocorrelation_factors(np.ones((1, 1), np.float32), sizes[:1], ONE[:1], edges[:0], areas[:0])
    ).shape == (
        1,
        4,
    )


def test_specimens_are_not_told_apart_because_they_never_touch(grid):
    places, edges, areas = grid
    both = np.concatenate([mixed(places)[0]] * 2)
    both[:, 0] += np.repeat([0, 1], len(places))
    specimens = np.repeat([0, 1], len(places))
    twice = np.concatenate([edges, edges + len(places)]), np.tile(areas, 2)
    found = quietly(autocorrelation_factors(both, np.ones(len(both), np.int64), specimens, *twice))
    np.testing.assert_allclose(found[: len(places)], found[len(places) :], atol=1e-3)
