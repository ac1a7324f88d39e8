"""Stored points come out of blocks as they went in."""

import numpy as np
import pytest
import torch

from napari_hypseg.errors import InputError
from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.inference.batches import make_batches, sample_points
from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.inference.precomputed_encoder import PrecomputedEncoder
from napari_hypseg.jobs import quietly
from napari_hypseg.volumes import Box, Specimen, Volume

SHAPE = (20, 55, 31)


@pytest.fixture
def encoder():
    rng = np.random.default_rng(0)
    points = torch.from_numpy(rng.normal(size=(*SHAPE, 3)).astype(np.float16))
    mask = np.ones(SHAPE, np.uint8)
    mask[:, :9] = 0
    volume = Volume((rng.normal(size=SHAPE).astype(np.float32),))
    specimen = Specimen(volume, Volume((mask,)), Box((3, 0, 1), (20, 55, 31)))
    return PrecomputedEncoder.of(points, Euclidean(), specimen)


def test_blocks_give_every_stored_point_and_which_are_inside(encoder):
    points, inside = torch.full((*SHAPE, 3), torch.nan), np.zeros(SHAPE, bool)
    for block in encoder.blocks():
        ((part, valid),) = encoder.encode([block])
        assert part.dtype == torch.float32
        points[block.core.slices], inside[block.core.slices] = part, valid
    region = encoder.specimen.region
    torch.testing.assert_close(points[region.slices], encoder.points[region.slices].float(), atol=0, rtol=0)
    np.testing.assert_array_equal(inside, encoder.specimen.inside(encoder.specimen.volume.box))


def test_a_sample_holds_stored_points_of_valid_voxels_only(encoder):
    sample = quietly(sample_points(MemoryFallback([encoder]), quietly(make_batches([encoder])), 0))
    inside = encoder.specimen.inside(encoder.specimen.volume.box)
    stored = {tuple(point) for point in encoder.points.float().numpy()[inside].tolist()}
    assert {tuple(point) for point in sample.tolist()} == stored


def test_stored_points_stay_where_they_are(encoder):
    assert encoder.to(torch.device("cpu")) is encoder


def test_a_constant_volume_is_refused():
    constant = Specimen(Volume((np.ones((8, 8, 8), np.float32),)))
    with pytest.raises(InputError):
        PrecomputedEncoder.of(torch.zeros(8, 8, 8, 2), Euclidean(), constant)
