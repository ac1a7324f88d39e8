"""Every feature has one scale inside the mask, and what is outside does not matter there."""

import numpy as np
import pytest
import torch

from benchmarks.segmentation.features import FEATURES, FLAT
from napari_hypseg.volumes.phantom import phantom
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import Volume


@pytest.fixture(scope="module")
def masked():
    """A specimen of two channels of which half counts, and that half."""
    first, second = (phantom((18, 20, 22), seed).volume.channels[0] for seed in (1, 2))
    mask = np.zeros((18, 20, 22), np.uint8)
    mask[:, :, 11:] = 1
    volume = Volume((first, second), (1.0, 1.0, 1.0), "nanometer", (0.0, 0.0, 0.0), "two")
    return Specimen(volume, Volume((mask,), (1.0, 1.0, 1.0), "nanometer", (0.0, 0.0, 0.0), "mask")), mask > 0


@pytest.mark.parametrize("name", FEATURES)
def test_features_are_standardised_where_voxels_count(masked, name):
    specimen, counted = masked
    features = FEATURES[name](specimen)
    assert features.shape[:3] == (18, 20, 22)
    assert features.dtype == torch.float32
    assert bool(torch.isfinite(features).all())
    inside = features[torch.from_numpy(counted)]
    torch.testing.assert_close(inside.mean(0), torch.zeros(inside.shape[1]), atol=1e-4, rtol=0)
    torch.testing.assert_close(inside.std(0, correction=0), torch.ones(inside.shape[1]), atol=1e-3, rtol=0)


@pytest.mark.parametrize("name", FEATURES)
def test_what_lies_outside_the_mask_does_not_matter(masked, name):
    specimen, counted = masked
    channels = tuple(np.where(counted, one, 77.0).astype(np.float32) for one in specimen.volume.channels)
    place = specimen.volume
    changed = Specimen(Volume(channels, place.voxel_size, place.unit, place.origin, "changed"), specimen.mask)
    before, after = (FEATURES[name](one)[torch.from_numpy(counted)] for one in (specimen, changed))
    torch.testing.assert_close(before, after)


def test_smoothing_and_total_variation_take_noise_away():
    made = phantom((24, 24, 24), 3)
    specimen = Specimen(made.volume)
    inside = torch.from_numpy(made.labels == 1)
    rough, *others = (FEATURES[name](specimen)[inside].std() for name in ("raw", "gaussian", "tv"))
    assert all(float(one) < float(rough) for one in others)
    assert FEATURES["filter-bank"](specimen).shape[-1] > 10
    assert FLAT.name == "euclidean"
