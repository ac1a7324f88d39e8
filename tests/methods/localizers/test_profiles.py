import numpy as np

from napari_hypseg.methods.localizers.profiles import peak_profiles, resampled


def test_slices_of_a_block_are_told_from_the_others():
    seen = np.zeros((10, 12, 14), np.float32)
    seen[3:6, 4:9, 2:11] = 5
    z, y, x = peak_profiles(seen, (20, 12, 14))
    assert (len(z), len(y), len(x)) == (20, 12, 14)
    assert z.dtype == np.float32
    assert (z[7:11] == 1).all()
    assert (z[:5] == 0).all()
    assert (y[4:9] == 1).all()
    assert (x[:2] == 0).all()


def test_a_map_of_nothing_has_flat_profiles():
    for profile in peak_profiles(np.zeros((3, 1, 5), np.float32), (3, 2, 5)):
        assert (profile == 0).all()


def test_stretching_keeps_the_ends_where_they_are():
    np.testing.assert_allclose(resampled(np.array([0.0, 1.0], np.float32), 4), [0, 0.25, 0.75, 1])
    np.testing.assert_allclose(resampled(np.array([0.3], np.float32), 3), 0.3)
    assert resampled(np.array([-1.0, 2.0]), 2).tolist() == [0, 1]
