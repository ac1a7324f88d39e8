"""Features of supervoxels are weighted means over their voxels, in every specimen."""

import numpy as np

from napari_hypseg.volumes import Box, Specimen, Volume
from napari_hypseg.volumes.phantom import phantom
from tests.precomputed_specimens import basin_features, features_of


def test_features_are_means_of_all_their_voxels(wide):
    other = phantom((30, 40, 50), seed=4).volume
    grey = np.array(other.channels[0], dtype=np.float32)
    grey[:, :5] = np.nan
    specimens = Specimen(wide, box=Box((10, 0, 0), (60, 100, 104))), Specimen(Volume((grey,)))
    found, space, sums = features_of(*specimens)
    regions = basin_features(sums, specimens, found)
    ids = space.basins[1] - 1.0 + found[0].count
    values = grey[space.basins[1] > 0]
    weights = np.exp(-space.edges[1][space.basins[1] > 0].astype(float) / found[1].median_edge)
    inside = ids[space.basins[1] > 0].astype(int)
    expected = np.bincount(inside, weights * values) / np.maximum(np.bincount(inside, weights), 1e-12)
    np.testing.assert_allclose(regions.mean_tangents()[found[0].count :, 0], expected[found[0].count :], rtol=1e-3)
    np.testing.assert_array_equal(space.basins[1] > 0, np.isfinite(grey))
    assert (regions.sizes > 0).all()
    assert regions.sizes.sum() == sums.voxels() == specimens[0].region.size + np.isfinite(grey).sum()
