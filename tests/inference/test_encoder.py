"""Block by block with halo is the whole volume in one piece."""

import numpy as np
import pytest
import torch

from napari_hypseg.inference import encoder as encoder_module
from napari_hypseg.inference.encoder import Encoder
from napari_hypseg.methods.registry import methods
from napari_hypseg.volumes import Box, Specimen, Volume
from napari_hypseg.volumes.intensity import measure_intensity


def embedded(encoder):
    points = None
    for block in encoder.blocks():
        ((part, _),) = encoder.encode([block])
        points = torch.full((*encoder.specimen.volume.shape, part.shape[-1]), torch.nan) if points is None else points
        points[block.core.slices] = part
    return points


@pytest.mark.parametrize("method", ["hyperbolic", "euclidean", "hyperspherical"])
@pytest.mark.parametrize(("shape", "voxel_size"), [((37, 42, 29), (1.0, 1.0, 1.0)), ((9, 50, 41), (5.0, 1.0, 1.0))])
def test_streaming_equals_one_piece(monkeypatch, method, shape, voxel_size):
    torch.manual_seed(0)
    chosen = methods()[method]
    values = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    specimen = Specimen(Volume((values,), voxel_size=voxel_size))
    model = chosen.build(chosen.settings(width=4), 1, voxel_size).eval()
    encoder = Encoder(model, specimen, measure_intensity(specimen), torch.device("cpu"))
    results = []
    for edge in (1000, 16):
        monkeypatch.setattr(encoder_module, "CPU_EDGE", edge)
        fresh = Encoder(model, specimen, encoder.intensity, encoder.device)
        results.append(embedded(fresh))
        assert (len(fresh.blocks()) == 1) == (edge == 1000)
    torch.testing.assert_close(results[0], results[1], atol=1e-4, rtol=0)
    assert results[0].std() > 0.01


def test_a_box_is_encoded_with_the_context_around_it():
    torch.manual_seed(0)
    chosen = methods()["hyperbolic"]
    values = np.random.default_rng(0).normal(size=(40, 40, 40)).astype(np.float32)
    whole = Specimen(Volume((values,)))
    part = Specimen(whole.volume, box=Box((11, 3, 8), (25, 17, 40)))
    model = chosen.build(chosen.settings(width=4), 1, (1, 1, 1)).eval()
    intensity = measure_intensity(whole)
    full, boxed = (embedded(Encoder(model, s, intensity, torch.device("cpu"))) for s in (whole, part))
    torch.testing.assert_close(boxed[part.box.slices], full[part.box.slices], atol=1e-4, rtol=0)
    assert boxed.isnan().any(dim=-1).sum() == 40**3 - part.box.size


@pytest.mark.parametrize("voxel_size", [(1.0, 1.0, 1.0), (5.0, 1.0, 1.0)])
def test_decoding_equals_one_piece(monkeypatch, voxel_size):
    torch.manual_seed(0)
    chosen = methods()["hyperbolic"]
    grey = np.random.default_rng(0).normal(1000, 50, size=(30, 27, 29)).astype(np.float32)
    specimen = Specimen(Volume((grey, -grey), voxel_size=voxel_size), box=Box((3, 0, 2), (30, 27, 29)))
    model = chosen.build(chosen.settings(width=4), 2, voxel_size).eval()
    reach = (model.decoder_radius,) * 3
    results = []
    for edge in (1000, 8):
        monkeypatch.setattr(encoder_module, "CPU_EDGE", edge)
        encoder = Encoder(model, specimen, measure_intensity(specimen), torch.device("cpu"), reach)
        whole = np.full((2, *grey.shape), np.nan, dtype=np.float32)
        for block in encoder.blocks():
            ((points, counted),) = encoder.encode_around([block])
            whole[:, *block.core.slices] = encoder.decode(points)
            assert counted.all()
        results.append(whole)
    np.testing.assert_allclose(results[0], results[1], atol=0.005, rtol=0)
    inside = results[0][:, *specimen.region.slices]
    assert np.isfinite(inside).all()
    assert np.isnan(results[0]).sum() == 2 * (grey.size - specimen.region.size)
    assert inside.std(axis=(1, 2, 3)).min() > 0.05, "seams would be seen"
    assert 900 < inside[0].mean() < 1100, "in the units of the volume"


def test_decoding_without_a_margin_would_leave_seams():
    torch.manual_seed(0)
    chosen = methods()["hyperbolic"]
    grey = np.random.default_rng(0).normal(size=(24, 24, 24)).astype(np.float32)
    specimen = Specimen(Volume((grey,)))
    model = chosen.build(chosen.settings(width=4), 1, (1, 1, 1)).eval()
    device, intensity = torch.device("cpu"), measure_intensity(specimen)
    with_margin, without = (Encoder(model, specimen, intensity, device, margin) for margin in ((1, 1, 1), (0, 0, 0)))
    first, second = (
        encoder.decode(encoder.encode_around(encoder.blocks_in(Box((8, 8, 8), (16, 16, 16)), (8, 8, 8)))[0][0])[0]
        for encoder in (with_margin, without)
    )
    gap = np.abs(first - second)
    assert gap[1:-1, 1:-1, 1:-1].max() < 1e-4
    assert gap[0].max() > 1e-3
