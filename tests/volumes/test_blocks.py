import numpy as np
import pytest

from napari_hypseg.volumes import Box, Volume, iter_blocks, read_with_mirror_padding


@pytest.mark.parametrize("region", [Box((0, 0, 0), (20, 17, 9)), Box((3, 5, 1), (18, 11, 9))])
def test_blocks_cover_a_region_once(region):
    hits = np.zeros((20, 17, 9), dtype=int)
    for block in iter_blocks(region, (8, 8, 4), (8, 4, 4), (4, 4, 2)):
        hits[block.core.slices] += 1
        assert all(face % s == 0 for face, s in zip(block.aligned.start, (4, 4, 2), strict=True))
        assert np.zeros(block.aligned.shape)[block.core_in_aligned].shape == block.core.shape
    inside = np.zeros_like(hits)
    inside[region.slices] = 1
    np.testing.assert_array_equal(hits, inside)


@pytest.mark.parametrize("shape", [(5, 6, 7), (1, 3, 2)])
def test_outside_the_grid_is_mirrored(shape):
    array = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    read = read_with_mirror_padding(Volume((array,)), Box((-4, -5, -6), (shape[0] + 9, shape[1] + 2, shape[2] + 3)))
    expected = np.pad(array, ((4, 9), (5, 2), (6, 3)), mode="reflect")
    np.testing.assert_array_equal(read[0], expected)
