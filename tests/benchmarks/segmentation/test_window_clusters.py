"""Windows are described as their definitions say, and clusters find what is brighter or rougher."""

import numpy as np
import pytest
import torch

from benchmarks.segmentation.run_spec import RunBudget
from benchmarks.segmentation.supervoxels import supervoxel_tree
from benchmarks.segmentation.tree_makers import tree_makers
from benchmarks.segmentation.window_clusters import CLUSTERERS, DESCRIPTIONS, KEPT, gabor_filters, window_clusters
from napari_hypseg.jobs import quietly
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import Volume

SHAPE = (12, 14, 16)
WINDOWS = torch.from_numpy(np.random.default_rng(0).normal(size=(30, 2, 5, 5, 5)).astype(np.float32))


def volume(*channels, name="made"):
    return Volume(channels, (1.0, 1.0, 1.0), "nanometer", (0.0, 0.0, 0.0), name)


@pytest.fixture
def halves():
    """A bright half in a dark one, both with a little noise, of which the outermost voxels do not count; and where."""
    bright = np.zeros(SHAPE, bool)
    bright[:, :, 8:] = True
    inside = np.zeros(SHAPE, np.uint8)
    inside[1:-1, 1:-1, 1:-1] = 1
    grey = (bright + np.random.default_rng(0).normal(0, 0.05, SHAPE)).astype(np.float32)
    return Specimen(volume(grey), volume(inside, name="mask")), bright, inside > 0


def test_amplitudes_have_the_distances_of_a_fourier_transform():
    made = DESCRIPTIONS["fft"](WINDOWS)(WINDOWS)
    wanted = torch.fft.fftn(WINDOWS, dim=(-3, -2, -1)).abs().flatten(1)
    assert made.shape == (30, 2 * 63)
    torch.testing.assert_close(torch.pdist(made), torch.pdist(wanted), atol=1e-3, rtol=1e-4)


def test_gabor_filters_are_the_ones_that_vary_most():
    filters = gabor_filters()
    assert filters.shape == (1000, 125)
    assert int(filters[0].argmax()) == 62  # without a wave a Gaussian around the middle
    wave = filters[-1].reshape(5, 5, 5)
    assert float(wave[2, 2, 2]) == pytest.approx(np.cos(2 * np.pi * 3 * 2 * 0.625), abs=1e-5)
    made = DESCRIPTIONS["gabor"](WINDOWS)(WINDOWS).reshape(30, 2, KEPT)
    spread = (WINDOWS.flatten(2) @ filters.T).std(0).mean(0)
    assert float(made.std(0).mean(0).min()) == pytest.approx(float(spread.sort(descending=True).values[KEPT - 1]))


@pytest.mark.parametrize("description", DESCRIPTIONS)
@pytest.mark.parametrize("clusterer", CLUSTERERS)
def test_two_clusters_where_voxels_count_and_nothing_elsewhere(halves, description, clusterer):
    specimen, _, inside = halves
    ids, trees = quietly(window_clusters(description, clusterer, specimen, RunBudget(), 0))
    assert ids.shape == SHAPE
    assert np.array_equal(ids > 0, inside)
    assert trees["parts"].n_leaves == 2
    assert np.array_equal(trees["parts"].sizes, [*np.bincount(ids[inside])[1:], inside.sum()])
    again, _ = quietly(window_clusters(description, clusterer, specimen, RunBudget(), 0))
    assert np.array_equal(ids, again)


@pytest.mark.parametrize("description", ["intensity", "fft"])
def test_k_means_separates_bright_from_dark(halves, description):
    specimen, bright, inside = halves
    ids, _ = quietly(window_clusters(description, "kmeans", specimen, RunBudget(), 0))
    found = ids == np.bincount(ids[bright & inside]).argmax()
    assert 2 * (found & bright & inside).sum() / (found.sum() + (bright & inside).sum()) > 0.9


def test_supervoxels_become_as_many_leaves_as_asked_for(halves):
    specimen, _, inside = halves
    ids, trees = quietly(supervoxel_tree(specimen, RunBudget(leaves=6), 0))
    assert np.array_equal(ids > 0, inside)
    assert trees["parts"].n_leaves == 6
    assert np.array_equal(trees["parts"].sizes[:6], np.bincount(ids[inside])[1:])
    assert ids[6, 7, 3] != ids[6, 7, 13]


def test_each_is_a_way_to_make_a_tree_and_says_how_many_leaves_there_are():
    makers = tree_makers()
    assert makers["slic"].leaves is None
    assert makers["fft-kmeans"].leaves == makers["gabor-mixture"].leaves == makers["intensity-mixture"].leaves == 2
