import numpy as np
from scipy import ndimage

from napari_hypseg.methods.localizers.beads import without_beads

SHAPE = (48, 48, 48)


def ball(centre, radius):
    axes = np.ogrid[tuple(slice(0, n) for n in SHAPE)]
    return sum((axis - c) ** 2 for axis, c in zip(axes, centre, strict=True)) < radius**2


SAMPLE, BEAD = ball((24, 24, 22), 12), ball((24, 24, 37), 4)


def grey(bead, level=6.0):
    rng = np.random.default_rng(0)
    texture = ndimage.gaussian_filter(rng.normal(size=SHAPE), 1.5)
    data = 0.3 * rng.normal(size=SHAPE) + texture / texture.std() * SAMPLE
    data[bead] = level
    return data.astype(np.float32)[None]


def test_a_bead_and_a_bubble_against_the_sample_are_cut_off():
    for level in (6.0, -6.0):
        cut = without_beads(SAMPLE | BEAD, grey(BEAD, level))
        assert not (cut & BEAD & ~SAMPLE).any()
        assert (cut & SAMPLE).sum() > 0.95 * SAMPLE.sum()


def test_an_organ_that_the_sample_encloses_stays():
    organ = ball((24, 24, 22), 4)
    np.testing.assert_array_equal(without_beads(SAMPLE, grey(organ)), SAMPLE)


def test_a_sample_without_beads_stays():
    np.testing.assert_array_equal(without_beads(SAMPLE, grey(SAMPLE & False)), SAMPLE)


def test_the_sample_itself_is_no_bead_however_bright():
    data = grey(SAMPLE & False)
    data[0][SAMPLE] += 20
    np.testing.assert_array_equal(without_beads(SAMPLE, data), SAMPLE)
