import numpy as np
import pytest
import torch

from napari_hypseg.benchmark import tiled_features as tiled
from napari_hypseg.benchmark.features import COMPUTED, FEATURES
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


@pytest.mark.parametrize("name", COMPUTED)
def test_tiles_give_what_the_whole_gives(masked, monkeypatch, name):
    monkeypatch.setattr(tiled, "EDGE", 16)
    assert len(list(tiled._tiles(masked))) == 2 * 3 * 3
    features = quietly(tiled.tiled_features(COMPUTED[name], masked))
    inside = torch.from_numpy(masked.inside(masked.volume.box))
    whole = FEATURES[name](masked)
    assert features.dtype == torch.float16
    assert features.shape == whole.shape
    assert (features.float() - whole)[inside].abs().max() < 0.05
    assert (features.float() - whole)[inside].abs().mean() < 2e-3


def test_a_flat_volume_has_wide_tiles_and_a_constant_feature_is_0(masked):
    assert tiled._tile_edge((20, 1024, 1024)) == (20, 324, 324)
    assert tiled._tile_edge((300, 300, 300)) == (128, 128, 128)
    features = quietly(tiled.tiled_features(lambda grey: torch.ones(1, *grey.shape[1:]), masked))
    assert not features[torch.from_numpy(masked.inside(masked.volume.box))].any()
