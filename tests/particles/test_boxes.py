import numpy as np
import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.particles.box_settings import BoxSettings
from napari_hypseg.particles.boxes import ParticleBoxes, normalised, outside_ball
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid

SHAPE = (40, 50, 60)


@pytest.fixture
def tomogram():
    return np.random.default_rng(0).normal(5, 3, SHAPE).astype(np.float32)


def boxes_at(tomogram, positions, **settings):
    particles = ParticleSet(TomogramGrid("cell", tomogram.shape), positions)
    return ParticleBoxes(particles, tomogram, BoxSettings(**settings))


@pytest.mark.parametrize("size", [7, 8])
def test_the_particle_is_in_the_middle_of_its_box(tomogram, size):
    boxes = boxes_at(tomogram, [[20, 25, 30], [20.3, 24.6, 29.9]], box_size=size, normalise="none")
    half = size // 2
    expected = tomogram[20 - half : 20 - half + size, 25 - half : 25 - half + size, 30 - half : 30 - half + size]
    np.testing.assert_array_equal(boxes[0], expected)
    np.testing.assert_array_equal(boxes[1], expected)
    assert boxes[0][half, half, half] == tomogram[20, 25, 30]
    np.testing.assert_allclose(boxes.shifts, [[0, 0, 0], [0.3, -0.4, -0.1]])


@pytest.mark.parametrize("size", [5, 6])
@pytest.mark.parametrize("binning", [2, 3])
def test_a_binned_box_shows_more_and_knows_where_the_particle_is(size, binning):
    z, y, x = np.indices(SHAPE)
    positions = np.array([[20.2, 24.7, 30.0], [19.0, 22.5, 28.4]])
    for axis, coordinate in enumerate((z, y, x)):
        boxes = boxes_at(coordinate, positions, box_size=size, box_binning=binning, normalise="none")
        middle = boxes[
            :, size // 2, size // 2, size // 2
        ]  # a coordinate, so its mean over a cube is that of its middle
        np.testing.assert_allclose(middle + boxes.shifts[:, axis] * binning, positions[:, axis], atol=1e-5)
        assert (np.abs(boxes.shifts) <= 0.5 / binning + 1e-9).all()


def test_boxes_are_normalised_as_a_whole_or_by_their_background(tomogram):
    whole = boxes_at(tomogram, [[20, 25, 30]], box_size=16)[0]
    assert whole.mean() == pytest.approx(0, abs=1e-5)
    assert whole.std() == pytest.approx(1, abs=1e-5)
    ball = ~outside_ball(16)
    tomogram[12:28, 17:33, 22:38][ball] += 100
    box = boxes_at(tomogram, [[20, 25, 30]], box_size=16, normalise="background")[0]
    assert box[~ball].mean() == pytest.approx(0, abs=1e-5)
    assert box[~ball].std() == pytest.approx(1, abs=1e-5)
    assert box[ball].mean() > 20
    dark = boxes_at(tomogram, [[20, 25, 30]], box_size=16, normalise="background", invert=True)[0]
    np.testing.assert_array_equal(dark, -box)


def test_a_flat_box_stays_0():
    assert not normalised(np.full((4, 4, 4), 7.1, np.float32), "box").any()


def test_boxes_at_the_border_are_told_and_left_out_or_filled(tomogram):
    positions = [[20, 25, 30], [1, 25, 30], [20, 25, 59], [-90, 0, 0]]
    boxes = boxes_at(tomogram, positions, box_size=8)
    assert boxes.rows.tolist() == [0]
    assert boxes.border_rows.tolist() == [1, 2, 3]
    assert boxes.border_note() == "3 of the 4 boxes reach beyond cell and are left out."
    filled = boxes_at(tomogram, positions, box_size=8, border="mean", normalise="none")
    assert filled.rows.tolist() == [0, 1, 2]
    part = tomogram[0:5, 21:29, 26:34]
    np.testing.assert_array_equal(filled[1][3:], part)
    np.testing.assert_allclose(filled[1][:3], part.mean(), rtol=1e-5)


def test_a_voxel_that_is_no_number_takes_the_mean_of_the_rest(tomogram):
    tomogram[20, 25, 30] = np.nan
    assert np.isfinite(boxes_at(tomogram, [[20, 25, 30]], box_size=8)[0]).all()


def test_batches_give_every_box_once_and_neighbours_together(tomogram):
    rng = np.random.default_rng(1)
    boxes = boxes_at(tomogram, rng.uniform(4, 36, (50, 3)), box_size=6)
    places = []
    for batch, values in boxes.batches(batch_bytes=7 * 6**3 * 4):
        assert len(batch) <= 7
        np.testing.assert_array_equal(values, boxes[batch])
        places += batch.tolist()
    assert sorted(places) == list(range(50))
    assert boxes.shape == (50, 6, 6, 6)
    np.testing.assert_array_equal(boxes[3:5, 2], boxes[:][3:5, 2])
    np.testing.assert_array_equal(boxes[-1, 1, :, 0], boxes[49][1, :, 0])


def test_a_box_larger_than_the_tomogram_is_refused_with_the_largest_that_fits(tomogram):
    with pytest.raises(InputError, match=r"A box of 48 voxels \(24 of 2 voxels each\).*\(40×50×60.*at most 20"):
        boxes_at(tomogram, [[20, 20, 20]], box_size=24, box_binning=2)
    with pytest.raises(InputError, match=r"None of the 2 boxes of 20 voxels lies inside cell; choose a smaller box"):
        boxes_at(tomogram, [[2, 20, 20], [20, 1, 20]], box_size=20)
    assert boxes_at(tomogram, np.zeros((0, 3)), box_size=20).shape == (0, 20, 20, 20)
