"""Crops come from where the mask is."""

import numpy as np

from napari_hypseg.training.crops import CANDIDATES, _masked_voxels
from napari_hypseg.volumes import Box, Specimen, Volume


def test_centres_lie_in_mask_and_box_and_spread_over_both():
    mask = np.zeros((40, 60, 50), dtype=np.uint8)
    mask[5:38, 10:55] = 1
    specimen = Specimen(Volume((np.zeros(mask.shape, np.float32),)), Volume((mask,)), Box((10, 0, 3), (40, 60, 50)))
    found = _masked_voxels(specimen, seed=0)
    assert 0.95 * CANDIDATES < len(found) < 1.05 * CANDIDATES
    np.testing.assert_array_equal(found.min(axis=0), [10, 10, 3])
    np.testing.assert_array_equal(found.max(axis=0), [37, 54, 49])


def test_every_voxel_of_a_small_mask_is_a_centre():
    mask = np.zeros((9, 9, 9), dtype=np.uint8)
    mask[2:4, 3, 5:8] = 1
    specimen = Specimen(Volume((np.zeros(mask.shape, np.float32),)), Volume((mask,)))
    np.testing.assert_array_equal(_masked_voxels(specimen, seed=0), np.argwhere(mask))


def test_without_a_mask_there_are_no_centres():
    assert _masked_voxels(Specimen(Volume((np.zeros((3, 3, 3), np.float32),))), seed=0) is None
