import numpy as np
import pytest
import torch

from benchmarks.segmentation import tiled_features as tiled
from benchmarks.segmentation.features import COMPUTED, FEATURES
from napari_hypseg.jobs import quietly
from napari_hypseg.volumes.phantom import phantom
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import Volume

SHAPE = (24, 40, 44)


@pytest.fixture(scope="module")
def masked():
    mask = np.zeros(SHAPE, np.uint8)
    mask[3:20, 3:37, 3:39] = 1
    return Specimen(phantom(SHAPE, 1).volume, Volume((mask,), (10.0,) * 3, "angstrom", (0.0, 0.0, 0.0), "mask"))


@pytest.fixture(scope="module")
def long():
    """So long that the halo of a tile reaches neither end, with borders near those of tiles."""
    grey = np.random.default_rng(0).normal(size=(16, 16, 240)).astype(np.float32)
    grey[:, :, 70:150] += 2
    grey[4:12, 4:12, 100:190] += 3
    return Specimen(Volume((grey,)))


def largest_difference(name, specimen):
    inside = torch.from_numpy(specimen.inside(specimen.volume.box))
    features = quietly(tiled.tiled_features(COMPUTED[name], specimen))
    assert features.dtype == torch.float16
    return float((features.float() - FEATURES[name](specimen))[inside].abs().max())


@pytest.mark.parametrize("name", ["gaussian", "filter-bank"])
def test_tiles_give_what_the_whole_gives(masked, long, monkeypatch, name):
    monkeypatch.setattr(tiled, "EDGE", 16)
    tiles = list(tiled._tiles(long))
    assert len(tiles) == 15
    assert tiles[7].outer.shape[2] < 240
    assert largest_difference(name, long) < 0.03
    assert largest_difference(name, masked) < 0.03


def test_the_halo_is_needed(long, monkeypatch):
    monkeypatch.setattr(tiled, "EDGE", 16)
    monkeypatch.setattr(tiled, "HALO", 16)
    assert largest_difference("filter-bank", long) > 0.3


def test_a_flat_volume_has_wide_tiles_and_a_constant_feature_is_0(masked):
    assert tiled._tile_edge((20, 1024, 1024)) == (20, 324, 324)
    assert tiled._tile_edge((300, 300, 300)) == (128, 128, 128)
    features = quietly(tiled.tiled_features(lambda grey: torch.ones(1, *grey.shape[1:]), masked))
    assert not features[torch.from_numpy(masked.inside(masked.volume.box))].any()
