import itertools
from pathlib import Path

import numpy as np
import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.jobs import drive, quietly
from napari_hypseg.volumes import Box, Volume
from napari_hypseg.volumes.coarse import SLAB, coarse_factors, coarsen, read_cells


class Large:
    """A channel that holds nothing: its voxels are their index along z. Remembers the largest piece asked for."""

    dtype = np.dtype(np.float32)

    def __init__(self, shape):
        self.shape, self.largest, self.read = shape, 0, 0

    def __getitem__(self, index):
        edges = [range(*piece.indices(n)) for piece, n in zip(index, self.shape, strict=True)]
        piece = np.broadcast_to(np.arange(edges[0].start, edges[0].stop)[:, None, None], tuple(map(len, edges)))
        self.largest, self.read = max(self.largest, piece.size), self.read + len(edges[0])
        return piece.astype(np.float32)


def noise(shape, seed=0):
    return np.random.default_rng(seed).normal(3, 2, shape).astype(np.float32)


def naive(data, factors):
    """Mean of what is finite of each cell, one cell at a time."""
    starts = [range(0, n, f) for n, f in zip(data.shape, factors, strict=True)]
    made = np.empty([len(axis) for axis in starts])
    for index in np.ndindex(made.shape):
        corner = [axis[i] for axis, i in zip(starts, index, strict=True)]
        cell = data[tuple(slice(a, a + f) for a, f in zip(corner, factors, strict=True))]
        made[index] = cell[np.isfinite(cell)].mean() if np.isfinite(cell).any() else np.nan
    return made


@pytest.mark.parametrize(
    ("shape", "voxel_size", "edge", "expected"),
    [
        ((64, 64, 64), (1, 1, 1), 64, (1, 1, 1)),
        ((64, 64, 64), (1, 1, 1), 128, (1, 1, 1)),
        ((128, 64, 32), (1, 1, 1), 32, (4, 4, 4)),
        ((100, 400, 400), (4, 1, 1), 100, (1, 4, 4)),
        ((50, 400, 400), (2.5, 1, 1), 100, (2, 4, 4)),
        ((2000, 2000, 2000), (1e-9, 1e-9, 1e-9), 128, (16, 16, 16)),
        ((1, 300, 200), (1, 1, 1), 100, (3, 3, 3)),
    ],
)
def test_cells_are_as_cubic_as_whole_voxels_allow(shape, voxel_size, edge, expected):
    assert coarse_factors(shape, voxel_size, edge) == expected


def test_no_axis_has_more_cells_than_wanted():
    for shape, size in itertools.product([(513, 40, 7), (65, 65, 65), (1, 999, 3)], [(1, 1, 1), (9, 1, 0.3)]):
        factors = coarse_factors(shape, size, 64)
        assert max(-(-n // f) for n, f in zip(shape, factors, strict=True)) <= 64


@pytest.mark.parametrize("factors", [(1, 1, 1), (2, 2, 2), (4, 4, 4), (1, 3, 4)])
def test_cells_are_means_where_all_voxels_are_looked_at(factors):
    data = noise((8, 12, 24))
    volume = Volume((data, -data))
    cells = read_cells(volume, volume.box, factors)
    np.testing.assert_allclose(cells[0], naive(data, factors), rtol=1e-4)
    np.testing.assert_allclose(cells[1], -cells[0], rtol=1e-6)


def test_what_is_no_number_does_not_count():
    data = noise((8, 8, 8))
    data[:3], data[5, 5, 5], data[6, 0, 0] = np.nan, np.inf, -np.inf
    cells = read_cells(Volume((data,)), Box.whole(data.shape), (2, 2, 2))[0]
    np.testing.assert_allclose(cells, naive(data, (2, 2, 2)), rtol=1e-4)
    assert np.isnan(cells[0]).all()
    assert np.isfinite(cells[1:]).all()


def test_a_last_cell_cut_short_is_made_of_what_is_left():
    data = noise((5, 7, 9))
    cells = read_cells(Volume((data,)), Box.whole(data.shape), (2, 2, 2))[0]
    assert cells.shape == (3, 4, 5)
    np.testing.assert_allclose(cells, naive(data, (2, 2, 2)), rtol=1e-4)


def test_a_coarse_copy_is_standardised_and_remembers_its_place():
    data = noise((9, 16, 20))
    copy = quietly(coarsen(Volume((data, 5 * data + 1), (2.0, 1.0, 1.0), name="scan"), 10))
    assert (copy.factors, copy.shape, copy.grid) == ((1, 2, 2), (9, 16, 20), (9, 8, 10))
    assert (copy.name, copy.voxel_size) == ("scan", (2.0, 1.0, 1.0))
    assert copy.data.dtype == np.float32
    assert copy.valid.all()
    np.testing.assert_allclose(copy.data.mean((1, 2, 3)), 0, atol=0.05)
    np.testing.assert_allclose(copy.data.std((1, 2, 3)), 1, atol=0.1)
    np.testing.assert_allclose(copy.data[0], copy.data[1], atol=1e-3)


def test_a_border_of_nan_is_not_valid_and_counts_as_average():
    data = noise((16, 16, 16))
    data[:, :4], data[..., -4:] = np.nan, np.nan
    copy = quietly(coarsen(Volume((data,)), 8))
    expected = np.ones((8, 8, 8), bool)
    expected[:, :2], expected[..., -2:] = False, False
    np.testing.assert_array_equal(copy.valid, expected)
    assert np.isfinite(copy.data).all()
    assert (copy.data[0][~copy.valid] == 0).all()


def test_every_channel_has_to_be_finite_somewhere():
    data = noise((4, 4, 4))
    with pytest.raises(InputError, match="scan has no voxel that is finite"):
        quietly(coarsen(Volume((data, np.full_like(data, np.nan)), name="scan"), 4))


@pytest.mark.parametrize("value", [0.0, 7.0, 3e38])
def test_a_constant_volume_stays_finite(value):
    copy = quietly(coarsen(Volume((np.full((6, 6, 6), value, np.float32),)), 6))
    np.testing.assert_allclose(copy.data, 0, atol=1e-3)


def test_integers_are_read_as_numbers():
    data = np.random.default_rng(0).integers(0, 65535, (8, 8, 8)).astype(np.uint16)
    cells = read_cells(Volume((data,)), Box.whole(data.shape), (4, 4, 4))[0]
    np.testing.assert_allclose(cells, naive(data.astype(float), (4, 4, 4)), rtol=1e-4)


def test_a_large_scan_is_read_piece_by_piece_and_once():
    channel = Large((2000, 256, 256))
    told = []
    copy = drive(coarsen(Volume((channel,)), 128), told.append)
    assert copy.grid == (125, 16, 16)
    assert channel.largest <= SLAB < 2000 * 256 * 256
    assert channel.read == 2000
    assert told[-1].fraction == 1
    assert len(told) > 1
    rising = copy.data[0].mean((1, 2))
    assert (np.diff(rising) >= 0).all()
    assert rising[-1] > rising[0]


def test_voxels_on_disk_are_not_touched(tmp_path: Path):
    data = noise((8, 8, 8))
    np.save(tmp_path / "a.npy", data)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    copy = quietly(coarsen(Volume((mapped,)), 4))
    np.testing.assert_allclose(copy.data, quietly(coarsen(Volume((data,)), 4)).data)
    np.testing.assert_array_equal(mapped, data)
