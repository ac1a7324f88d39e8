import itertools
import json

import numpy as np
import pytest
from scipy import ndimage

from napari_hypseg.errors import SettingError
from napari_hypseg.volumes.phantom import HIERARCHY, LEVELS, NAMES, phantom

SHELL = ndimage.generate_binary_structure(3, 3)


@pytest.fixture(scope="module", params=[False, True], ids=["exact", "irregular"])
def specimen(request):
    return phantom(seed=3, irregular=request.param)


def test_classes_per_level(specimen):
    assert [len(np.unique(specimen.truth(level).channels[0])) for level in (1, 2, 3)] == [2, 4, 6]
    np.testing.assert_array_equal(specimen.truth().channels[0], specimen.labels)


def test_levels_are_nested():
    coarse, middle, fine = (np.array(LEVELS[level]) for level in (1, 2, 3))
    np.testing.assert_array_equal(coarse[middle], coarse)
    np.testing.assert_array_equal(middle[fine], middle)


def test_levels_agree_with_the_paths():
    for one, other in itertools.combinations(NAMES, 2):
        for level, table in LEVELS.items():
            together = HIERARCHY[one][: level + 1] == HIERARCHY[other][: level + 1]
            assert together == (table[one] == table[other]), (one, other, level)
    assert json.dumps({str(label): path for label, path in HIERARCHY.items()})


@pytest.mark.parametrize(("parts", "whole"), [((4,), 2), ((5,), 3), ((2, 3, 4, 5), 1)])
def test_every_object_lies_wholly_inside_one_of_the_level_above(specimen, parts, whole):
    """Whatever touches an object from outside is its parent and nothing else."""
    inside = np.isin(specimen.labels, parts)
    skin = ndimage.binary_dilation(inside, SHELL) & ~inside
    assert set(np.unique(specimen.labels[skin])) == {whole}


def test_objects_of_one_level_do_not_touch():
    labels = phantom(seed=3).labels
    vesicles, mitochondria = np.isin(labels, (2, 4)), np.isin(labels, (3, 5))
    assert not (ndimage.binary_dilation(vesicles, SHELL) & mitochondria).any()


def test_sizes_are_those_of_the_description():
    labels = np.stack([phantom(seed=seed).labels for seed in range(4)])
    spheres = [phantom(seed=seed, objects=2).labels for seed in range(4)]
    radius = np.mean([(np.isin(one, (2, 4)).sum() * 3 / (4 * np.pi)) ** (1 / 3) for one in spheres])
    side = np.mean([np.isin(one, (3, 5)).sum() ** (1 / 3) for one in spheres])
    assert radius == pytest.approx(8, abs=0.6)
    assert side == pytest.approx(16, abs=1.0)
    assert 0.4 < np.mean(labels > 0) < 0.65  # a sphere of radius 25 in a cube of edge 50 fills 0.52


def test_same_seed_same_phantom_other_seed_another():
    first, again, other = phantom(seed=1), phantom(seed=1), phantom(seed=2)
    np.testing.assert_array_equal(first.volume.channels[0], again.volume.channels[0])
    np.testing.assert_array_equal(first.labels, again.labels)
    assert not np.array_equal(first.labels, other.labels)


def test_place_and_type():
    specimen = phantom(shape=(24, 32, 28))
    assert specimen.volume.shape == specimen.labels.shape == (24, 32, 28)
    assert specimen.volume.channels[0].dtype == np.float32
    assert specimen.volume.voxel_size == specimen.truth(2).voxel_size == (10.0, 10.0, 10.0)
    assert specimen.volume.unit == specimen.truth(2).unit == "angstrom"


def test_background_is_noise_alone_unless_asked_otherwise():
    plain = phantom(seed=5, noise=0.25)
    grey = plain.volume.channels[0][plain.labels == 0]
    assert abs(grey.mean()) < 0.1
    assert grey.std() == pytest.approx(0.25, abs=0.04)
    harder = phantom(seed=5, noise=0.0, coloured_background=True)
    grey = harder.volume.channels[0][harder.labels == 0]
    assert grey.std() == pytest.approx(0.2, abs=0.04)


def test_classes_have_colours_and_noise_is_pink():
    specimen = phantom(seed=2, noise=0.0)
    grey = specimen.volume.channels[0]
    colours = [grey[specimen.labels == label].mean() for label in range(1, 4)]
    assert np.std(colours) > 0.2
    noisy = phantom(seed=2, noise=0.25).volume.channels[0] - grey
    power = np.abs(np.fft.fftn(noisy)) ** 2
    axes = np.meshgrid(*[np.fft.fftfreq(n) for n in noisy.shape], indexing="ij")
    frequency = np.sqrt(sum(axis**2 for axis in axes))
    bands = [(0.05, 0.1), (0.1, 0.2), (0.2, 0.4)]
    level = [power[(frequency >= low) & (frequency < high)].mean() for low, high in bands]
    slope = np.polyfit(np.log([0.07, 0.14, 0.28]), np.log(level), 1)[0]
    assert slope == pytest.approx(-1, abs=0.2)
    assert noisy.std() == pytest.approx(0.25, abs=1e-3)


def test_more_objects_in_a_larger_grid_of_the_same_size():
    labels = phantom(shape=(80, 80, 80), seed=1).labels
    pieces = ndimage.label(np.isin(labels, (2, 4)))[1] + ndimage.label(np.isin(labels, (3, 5)))[1]
    assert pieces >= 8


@pytest.mark.parametrize(
    ("settings", "word"), [({"shape": (8, 50, 50)}, "at least 16"), ({"objects": 1}, "at least 2")]
)
def test_impossible_wishes_are_refused_in_one_sentence(settings, word):
    with pytest.raises(SettingError, match=word):
        phantom(**{"shape": (24, 24, 24), **settings})


def test_unknown_level():
    with pytest.raises(SettingError, match="level 4"):
        phantom(shape=(24, 24, 24)).truth(4)
