import numpy as np
import pytest

from napari_hypseg.hierarchy.colour.oklab import as_seen, in_gamut, into_gamut, polar, to_srgb

# Reference values of Ottosson's page: OKLab of pure sRGB colours.
KNOWN = {
    (1, 1, 1): (1.0, 0.0, 0.0),
    (1, 0, 0): (0.62796, 0.22486, 0.12585),
    (0, 1, 0): (0.86644, -0.23389, 0.17950),
    (0, 0, 1): (0.45201, -0.03246, -0.31153),
    (0, 0, 0): (0.0, 0.0, 0.0),
}


@pytest.mark.parametrize("rgb", KNOWN)
def test_the_corners_of_srgb_are_where_they_are_published(rgb):
    np.testing.assert_allclose(to_srgb(np.array(KNOWN[rgb])), rgb, atol=4e-3)


def test_polar_turns_by_degrees():
    np.testing.assert_allclose(polar(np.array(0.5), np.array(0.1), np.array(90.0)), [0.5, 0, 0.1], atol=1e-12)


def test_into_gamut_lowers_chroma_and_nothing_else():
    rng = np.random.default_rng(0)
    lab = np.concatenate([rng.uniform(0.3, 0.95, (200, 1)), rng.uniform(-0.4, 0.4, (200, 2))], axis=1)
    shown = into_gamut(lab)
    assert in_gamut(shown).all()
    np.testing.assert_array_equal(shown[:, 0], lab[:, 0])
    np.testing.assert_allclose(np.arctan2(*shown[:, 1:].T), np.arctan2(*lab[:, 1:].T), atol=1e-6)
    np.testing.assert_array_equal(shown[in_gamut(lab)], lab[in_gamut(lab)])


def test_colour_blind_eyes_see_grey_as_grey_and_confuse_red_with_green():
    grey = np.array([0.6, 0.0, 0.0])
    np.testing.assert_allclose(as_seen(grey), np.tile(grey, (3, 1)), atol=1e-3)
    red, green = polar(np.array(0.65), np.array(0.1), np.array([20.0, 130.0]))
    normal, protanope, deuteranope = np.linalg.norm(as_seen(red) - as_seen(green), axis=-1)
    assert max(protanope, deuteranope) < 0.6 * normal
