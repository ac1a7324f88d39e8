import numpy as np
import pytest
from scipy import ndimage

from benchmarks.ct_phantom.choices import SMALLEST
from benchmarks.ct_phantom.phantom import NAMES, ct_phantom
from benchmarks.ct_phantom.surroundings import AIR, DISTRACTOR, MEDIUM, SPECIMEN, WALL
from napari_hypseg.errors import SettingError
from napari_hypseg.volumes.box import Box

EDGE = (64, 64, 64)
SEEDS = range(4)


@pytest.fixture(scope="module", params=SEEDS)
def scan(request):
    return ct_phantom(EDGE, seed=request.param)


def test_same_seed_same_scan():
    one, same, other = (ct_phantom(EDGE, seed=seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one.volume.channels[0], same.volume.channels[0])
    np.testing.assert_array_equal(one.labels, same.labels)
    assert one.box == same.box
    assert not np.array_equal(one.volume.channels[0], other.volume.channels[0])


def test_volume_and_labels(scan):
    (channel,) = scan.volume.channels
    assert channel.dtype == np.float32
    assert scan.labels.dtype == np.uint8
    assert channel.shape == scan.labels.shape == EDGE
    assert np.isfinite(channel).all()
    assert set(np.unique(scan.labels)) <= set(NAMES)
    assert scan.volume.unit == "micrometer"


def test_box_is_the_tight_one_of_one_connected_specimen(scan):
    index = np.argwhere(scan.mask)
    assert Box(tuple(index.min(axis=0)), tuple(index.max(axis=0) + 1)) == scan.box
    assert ndimage.label(scan.mask)[1] == 1


def test_box_lies_inside_the_field_and_fills_a_part_of_it(scan):
    margins = [*scan.box.start, *np.subtract(EDGE, scan.box.stop)]
    assert min(margins) >= 0.04 * 64
    assert all(0.4 <= edge / 64 <= 0.8 for edge in scan.box.shape)
    assert 0.12 <= scan.box.size / 64**3 <= 0.35


def test_faces_of_the_box_are_no_hair_tips(scan):
    """Two slices inside every face there is something to see."""
    for axis in range(3):
        areas = scan.mask.sum(axis=tuple({0, 1, 2} - {axis}))
        inner = areas[scan.box.start[axis] + 2], areas[scan.box.stop[axis] - 3]
        assert min(inner) >= 12


def test_grey_values_of_specimen_and_medium_overlap(scan):
    data = scan.volume.channels[0]
    specimen, medium = data[scan.mask], data[scan.labels == MEDIUM]
    assert abs(specimen.mean() - medium.mean()) < 0.8 * specimen.std()
    assert _best_dice(data, scan.mask) < 0.5


def _best_dice(data, mask):
    """Of the best threshold, from either side."""
    edges = np.histogram_bin_edges(data, 200)
    inside, outside = (np.histogram(data[part], edges)[0] for part in (mask, ~mask))
    ways = ((inside.cumsum(), outside.cumsum()), (inside[::-1].cumsum(), outside[::-1].cumsum()))
    return max((2 * hit / (hit + false + mask.sum())).max() for hit, false in ways)


def test_contrast_makes_it_easy():
    easy = ct_phantom(EDGE, seed=1, medium="agarose", distractor="none", contrast=-8.0, noise=0.1)
    assert _best_dice(easy.volume.channels[0], easy.mask) > 0.8


@pytest.mark.parametrize("distractor", ["holder", "object", "none"])
@pytest.mark.parametrize("medium", ["capillary", "agarose"])
def test_surroundings_are_as_asked(medium, distractor):
    scan = ct_phantom(EDGE, seed=2, medium=medium, distractor=distractor)
    counts = np.bincount(scan.labels.ravel(), minlength=len(NAMES))
    assert (counts[DISTRACTOR] > 30) == (distractor != "none")
    assert (counts[WALL] > 0) == (medium == "capillary")
    assert counts[MEDIUM] > counts[SPECIMEN]


def test_an_object_is_apart_and_smaller_than_the_specimen():
    for seed in SEEDS:
        scan = ct_phantom(EDGE, seed=seed, distractor="object")
        other = scan.labels == DISTRACTOR
        assert other.sum() <= 0.15 * scan.mask.sum()
        assert not (ndimage.binary_dilation(other) & scan.mask).any()


def test_a_holder_comes_from_the_border():
    for seed in SEEDS:
        holder = ct_phantom(EDGE, seed=seed, distractor="holder").labels == DISTRACTOR
        inner = holder[1:-1, 1:-1, 1:-1]
        assert holder.sum() > inner.sum() > 0


def test_a_capillary_holds_the_specimen():
    scan = ct_phantom(EDGE, seed=3, medium="capillary", distractor="none")
    skin = ndimage.binary_dilation(scan.mask) & ~scan.mask
    assert set(np.unique(scan.labels[skin])) == {MEDIUM}
    assert (scan.labels == AIR).any()


def test_grids_of_any_shape():
    scan = ct_phantom((48, 80, 96), seed=4)
    assert scan.labels.shape == scan.volume.shape == (48, 80, 96)
    shares = np.divide(scan.box.shape, scan.labels.shape)
    assert ((shares > 0.4) & (shares < 0.8)).all()


def test_geometry_is_in_physical_units():
    """Slices that are half as thick show the same specimen at the same place in twice as many."""
    thick, thin = ct_phantom((48, 96, 96), 4, voxel_size=(10.0, 5.0, 5.0)), ct_phantom((96, 96, 96), 4)
    assert thick.volume.voxel_size == (10.0, 5.0, 5.0)
    np.testing.assert_allclose(np.multiply(thick.box.start, (2, 1, 1)), thin.box.start, atol=3)
    np.testing.assert_allclose(np.multiply(thick.box.stop, (2, 1, 1)), thin.box.stop, atol=3)


def test_extent_is_the_share_of_the_edges():
    for extent in (0.3, 0.6):
        scan = ct_phantom(EDGE, seed=7, extent=extent)
        assert np.mean(scan.box.shape) / 64 == pytest.approx(extent, rel=0.15)


@pytest.mark.parametrize(
    "wrong",
    [
        {"shape": (SMALLEST - 1, 64, 64)},
        {"shape": (64, 64)},
        {"voxel_size": (0.0, 1.0, 1.0)},
        {"extent": 0.95},
        {"extent": 0.0},
        {"medium": "water"},
        {"distractor": "cat"},
        {"noise": -1.0},
    ],
)
def test_what_cannot_be_made_is_refused(wrong):
    with pytest.raises(SettingError):
        ct_phantom(**({"shape": EDGE} | wrong))
