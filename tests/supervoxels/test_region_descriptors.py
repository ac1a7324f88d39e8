"""Descriptors are means over regions, whatever the blocks, and tell textures apart that are equally bright."""

import numpy as np
import pytest

from napari_hypseg.inference.grey_source import GreySource
from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.jobs import Progress, quietly
from napari_hypseg.supervoxels import region_descriptors as module
from napari_hypseg.supervoxels.region_descriptors import region_descriptors
from napari_hypseg.volumes import Box, Specimen, Volume

SHAPE = (40, 52, 100)


@pytest.fixture(scope="module")
def fine_and_coarse():
    """Noise of the same mean and deviation, fine where x < 50 and in cubes of 4 voxels elsewhere."""
    rng = np.random.default_rng(0)
    fine, coarse = rng.normal(size=SHAPE), rng.normal(size=(10, 13, 25))
    for axis in range(3):
        coarse = coarse.repeat(4, axis=axis)
    return np.where(np.arange(100) < 50, fine, coarse).astype(np.float32)


@pytest.fixture(scope="module")
def ids():
    return np.broadcast_to(np.arange(100) // 10 + 1, SHAPE).astype(np.uint16)


def described(specimens, ids, n_regions):
    return quietly(region_descriptors(MemoryFallback(GreySource.of(specimens)), ids, n_regions))


def test_textures_of_equal_brightness_are_told_apart(fine_and_coarse, ids):
    found = described([Specimen(Volume((fine_and_coarse,)))], [ids], 10)
    assert found.shape == (10, 12)
    assert found.dtype == np.float32
    inner = found[[1, 2, 3, 6, 7, 8]]
    spread = np.abs(inner[:3].mean(axis=0) - inner[3:].mean(axis=0)) / (inner[:3].std(axis=0) + inner[3:].std(axis=0))
    names = [f"{kind} {width}" for width in module.WIDTHS for kind in ("mean", "deviation", "gradient")]
    contrast = dict(zip(names, spread, strict=True))
    assert contrast["deviation 1"] > 5
    assert contrast["gradient 2"] > 5
    assert contrast["mean 2"] < 3


def test_blocks_do_not_change_the_result(fine_and_coarse, ids, monkeypatch):
    specimen = Specimen(Volume((fine_and_coarse,)), box=Box((3, 0, 5), (40, 50, 99)))
    inside = np.where(specimen.inside(specimen.volume.box), ids, 0).astype(np.uint16)
    whole = described([specimen], [inside], 10)
    monkeypatch.setattr(module, "BLOCK", 48)
    np.testing.assert_allclose(described([specimen], [inside], 10), whole, atol=1e-6)


def test_voxels_outside_are_not_counted_and_empty_regions_are_0(fine_and_coarse, ids):
    specimen = Specimen(Volume((fine_and_coarse,)))
    cut = np.where(ids == 3, 0, ids).astype(np.uint16)
    whole, part = described([specimen], [ids], 10), described([specimen], [cut], 12)
    np.testing.assert_array_equal(part[[2, 10, 11]], 0)
    np.testing.assert_allclose(np.delete(part[:10], 2, axis=0), np.delete(whole, 2, axis=0), atol=1e-6)


def test_regions_of_several_specimens_are_weighted_by_their_voxels(fine_and_coarse, ids):
    first = Specimen(Volume((fine_and_coarse,)))
    second = Specimen(Volume((fine_and_coarse[:20, ::-1] * 3 + 100,)))
    both = described([first, second], [ids, ids[:20]], 10)
    alone = described([first], [ids], 10), described([second], [ids[:20]], 10)
    np.testing.assert_allclose(both, (2 * alone[0] + alone[1]) / 3, atol=1e-5)


def test_every_channel_is_described_and_what_is_not_finite_is_taken_for_the_mean(fine_and_coarse, ids):
    holed = np.arange(SHAPE[2], dtype=np.float32) + np.zeros(SHAPE, np.float32)
    holed[:, :5] = np.nan
    found = described([Specimen(Volume((fine_and_coarse, holed)))], [ids], 10)
    assert found.shape == (10, 24)
    assert np.isfinite(found).all()
    assert (np.diff(found[:, 12]) > 0).all(), "the second channel rises with x"


def test_a_job_says_how_far_it_is(fine_and_coarse, ids):
    specimen = Specimen(Volume((fine_and_coarse,)))
    events = list(region_descriptors(MemoryFallback(GreySource.of([specimen])), [ids], 10))
    assert all(isinstance(event, Progress) and event.stage == "describe" for event in events)
    assert [event.fraction for event in events][-1] == 1
    assert {event.step for event in events} >= {1, 2}, "after each block"
