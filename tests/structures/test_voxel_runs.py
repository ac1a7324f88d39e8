import base64
import zlib

import numpy as np
import pytest

from napari_hypseg.structures.leaf_ranges import from_ranges, to_ranges
from napari_hypseg.structures.voxel_runs import decode_runs, encode_runs, runs_of, voxels_of

SHAPE = (30, 40, 50)


@pytest.mark.parametrize("n_voxels", [0, 1, 7, 5000, 60_000])
def test_voxels_come_back_from_their_runs(n_voxels):
    flat = np.random.default_rng(n_voxels).choice(60_000, n_voxels, replace=False)
    back = decode_runs(encode_runs(runs_of(flat)), SHAPE)
    np.testing.assert_array_equal(voxels_of(back), np.sort(flat))
    assert n_voxels != 60_000 or back.tolist() == [[0, 60_000]]


@pytest.mark.parametrize("values", [[[5, -9], [1, 1]], [[0, 1], [3, 1]], [[59_999], [2]], [[0], [0]], [[0], [2**62]]])
def test_runs_that_overlap_or_leave_the_grid_are_refused(values):
    text = base64.b64encode(zlib.compress(np.array(values, dtype="<i8").tobytes())).decode()
    with pytest.raises(ValueError, match="outside the volume"):
        decode_runs(text, SHAPE)


@pytest.mark.parametrize("text", ["?", "AAAA", base64.b64encode(zlib.compress(b"1234567")).decode(), ""])
def test_damaged_text_is_refused(text):
    with pytest.raises(ValueError, match="damaged"):
        decode_runs(text, SHAPE)


def test_leaves_come_back_from_their_ranges():
    assert to_ranges([3, 1, 2, 9, 7, 7]) == "1-3,7,9"
    assert to_ranges([]) == ""
    for seed in range(20):
        chosen = np.random.default_rng(seed).random(200) < seed / 19
        np.testing.assert_array_equal(from_ranges(to_ranges(np.flatnonzero(chosen)), 200), chosen)


@pytest.mark.parametrize("text", ["5-3", "200", "1,", "a", "1--3"])
def test_ranges_that_are_none_are_refused(text):
    with pytest.raises(ValueError, match="leaves"):
        from_ranges(text, 200)
