"""Grey values of any size and offset are learned from alike."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_hypseg.errors import InputError
from napari_hypseg.jobs import quietly
from napari_hypseg.training.crops import CropSampler
from napari_hypseg.volumes import Box, Specimen, Volume
from napari_hypseg.volumes.anisotropy import fast_axis
from napari_hypseg.volumes.coarse import coarsen
from napari_hypseg.volumes.intensity import SLAB, measure_intensity
from napari_hypseg.volumes.voxel_checks import check_volume

GREY = np.random.default_rng(0).integers(0, 1000, (24, 26, 28)).astype(np.float64)


def _crops(data: np.ndarray) -> np.ndarray:
    """Standardised crops as a model sees them."""
    specimen = Specimen(Volume((data,)))
    check_volume(specimen.volume)
    return CropSampler([specimen], [measure_intensity(specimen)], 12, (2, 2, 2), seed=0).draw(4)


ALIKE = {
    "small": (GREY * 1e-12).astype(np.float32),
    "smaller than single precision": GREY * 1e-60,
    "large": (GREY * 1e12).astype(np.float32),
    "larger than single precision": GREY * 1e60,
    "int32 at an offset": (GREY + 2**27).astype(np.int32),
    "uint32 at an offset": (GREY + 2**31).astype(np.uint32),
    "double at an offset": GREY + 2.0**27,
    "double at a large offset": GREY + 1e12,
    "small at an offset": GREY * 1e-12 + 1e-3,
    "float32 at an offset": (GREY + 2**23 - 1000).astype(np.float32),
    "float16": GREY.astype(np.float16),
    "int64 at an offset": (GREY + 2**40).astype(np.int64),
    "turned": -GREY,
}


@pytest.mark.parametrize("name", ALIKE)
def test_scale_and_offset_do_not_matter(name: str) -> None:
    sign = -1 if name == "turned" else 1
    np.testing.assert_allclose(sign * _crops(ALIKE[name]), _crops(GREY), atol=1e-3)


@pytest.mark.parametrize("name", ALIKE)
def test_scale_and_offset_do_not_matter_in_a_coarse_copy(name: str) -> None:
    sign = -1 if name == "turned" else 1
    expected = quietly(coarsen(Volume((GREY,)), 12)).data
    np.testing.assert_allclose(sign * quietly(coarsen(Volume((ALIKE[name],)), 12)).data, expected, atol=1e-3)


@pytest.mark.parametrize(("dtype", "value"), [(np.float32, 1e30), (np.float32, -3e38), (np.float64, 1e300)])
def test_one_outlier_does_not_rule_the_scale(dtype: type, value: float) -> None:
    data = GREY.astype(dtype)
    data[3, 4, 5] = value
    intensity, expected = measure_intensity(Specimen(Volume((data,)))), measure_intensity(Specimen(Volume((GREY,))))
    np.testing.assert_allclose(intensity.std, expected.std, rtol=0.01)
    volume = Volume((data,))
    scaled = intensity.standardise(volume.read(volume.box))
    assert scaled[0, 3, 4, 5] == np.sign(value) * 8
    assert np.abs(scaled).max() == 8


def test_an_outlier_among_few_structures_does_not_rule_the_scale() -> None:
    data = np.zeros((40, 40, 40), np.float32)
    data[5:8, 5:8, 5:8] = 1
    expected = measure_intensity(Specimen(Volume((data,)))).std[0]
    assert 0.01 < expected < 0.1
    data[20, 20, 20] = 1e30
    assert measure_intensity(Specimen(Volume((data,)))).std[0] == pytest.approx(expected, rel=0.1)


def test_restored_values_keep_their_differences() -> None:
    for data in ALIKE.values():
        volume = Volume((data,))
        intensity = measure_intensity(Specimen(volume))
        restored = intensity.restore(intensity.standardise(volume.read(volume.box)))
        np.testing.assert_allclose(restored[0], data.astype(np.float64), atol=1e-3 * intensity.std[0], rtol=0)


def test_a_structure_that_the_sample_misses_is_found() -> None:
    data = np.zeros((3 * SLAB // 120**2, 120, 120), np.uint8)
    data[-3:-1, 50:53, 50:53] = 7
    specimen = Specimen(Volume((data,)))
    intensity = measure_intensity(specimen)
    assert intensity.std[0] > 0
    assert (
        np.abs(intensity.standardise(specimen.volume.read(Box((len(data) - 4, 40, 40), (len(data), 60, 60))))).max() > 1
    )


@pytest.mark.parametrize("value", [0.0, 2.0**27, 1e300, 0.1])
def test_only_what_is_constant_is_called_so(value: float) -> None:
    data = np.full((20, 20, 20), value)
    with pytest.raises(InputError, match="has the value"):
        measure_intensity(Specimen(Volume((data,))))
    data[:, :2] = 7
    with pytest.raises(InputError, match="in its mask or box has the value"):
        measure_intensity(Specimen(Volume((data,)), box=Box((0, 5, 0), (20, 20, 20))))


def test_differences_beyond_double_precision_are_not_called_none() -> None:
    data = 2**60 + np.arange(1000).reshape(10, 10, 10) % 9
    assert check_volume(Volume((data,))) == ()
    with pytest.raises(InputError, match="in double precision"):
        measure_intensity(Specimen(Volume((data,))))


@pytest.mark.parametrize("factor", [1e300, 1e-200, -1e30])
def test_sections_are_noticed_at_any_scale(factor: float) -> None:
    data = np.random.default_rng(0).normal(size=(60, 60, 60))
    data = gaussian_filter(data, (0, 4, 4))
    expected = fast_axis(data)
    assert expected is not None
    assert fast_axis(data * factor) == (expected[0], pytest.approx(expected[1]))
