"""Encoding that runs out of memory goes on with less of it and gives the same regions."""

import numpy as np
import pytest
import torch

from napari_hypseg import pipeline
from napari_hypseg.errors import HypsegError
from napari_hypseg.inference.encoder import Encoder
from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.jobs import Notice, drive, quietly
from napari_hypseg.methods.registry import methods
from napari_hypseg.pipeline import segment
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Specimen, Volume
from napari_hypseg.volumes.intensity import measure_intensity

OUT_OF_MEMORY = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    specimen = Specimen(Volume((np.random.default_rng(0).normal(size=(50, 44, 61)).astype(np.float32),)))
    chosen = methods()["hyperbolic"]
    model = chosen.build(chosen.settings(width=4, latent_dim=3), 1, (1.0, 1.0, 1.0)).eval()
    return Encoder(model, specimen, measure_intensity(specimen), torch.device("cpu"))


def hungry(monkeypatch, most):
    """Let encoding fail where a block has an edge above what `most` allows its device."""
    encode, sample = Encoder.encode, Encoder.sample

    def check(self, block):
        if max(block.aligned.shape) > most(self.device.type):
            raise OUT_OF_MEMORY

    def limited_encode(self, blocks):
        check(self, blocks[0])
        return encode(self, blocks)

    def limited_sample(self, block):
        check(self, block)
        return sample(self, block)

    monkeypatch.setattr(Encoder, "encode", limited_encode)
    monkeypatch.setattr(Encoder, "sample", limited_sample)


def embedded(encoder, notices):
    """Points of the whole specimen, put together from whatever blocks it takes; the device is a pretended one."""
    whole = torch.full((*encoder.specimen.volume.shape, 3), torch.nan)
    fallback = MemoryFallback([encoder])

    def act(encoder, blocks):
        yield "event"
        for block, (points, _) in zip(blocks, encoder.encode(blocks), strict=True):
            whole[block.core.slices] = points

    def note(event):
        notices.extend([event.message] if isinstance(event, Notice) else [])

    for block in encoder.blocks():
        drive(fallback.run(0, [block], act), note)
    return whole, fallback


def test_smaller_blocks_give_the_same_points(encoder, monkeypatch):
    expected, _ = embedded(encoder, [])
    hungry(monkeypatch, lambda device: 22)
    notices = []
    found, fallback = embedded(encoder, notices)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)
    assert [notice.split("with ")[1] for notice in notices] == ["blocks of 22 voxels."]
    assert fallback.device.type == "cpu"


def test_the_processor_takes_over_where_no_block_is_small_enough(encoder, monkeypatch):
    expected, _ = embedded(encoder, [])
    hungry(monkeypatch, lambda device: 1000 if device == "cpu" else 0)
    pretended = Encoder(encoder.model, encoder.specimen, encoder.intensity, torch.device("cuda"))
    notices = []
    found, fallback = embedded(pretended, notices)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)
    assert "processor" in notices[-1]
    assert "blocks of 16" in notices[-2]
    assert fallback.device.type == "cpu"


def test_no_memory_at_all_is_a_sentence(encoder, monkeypatch):
    hungry(monkeypatch, lambda device: 0)
    with pytest.raises(HypsegError, match="close other programs"):
        embedded(encoder, [])


def test_other_errors_pass(encoder):
    def act(encoder, blocks):
        yield "event"
        raise RuntimeError("a defect")

    with pytest.raises(RuntimeError, match="a defect"):
        quietly(MemoryFallback([encoder]).run(0, encoder.blocks(), act))


def test_leaves_are_complete_after_a_retreat(encoder, tmp_path, monkeypatch):
    settings = RunSettings.check(
        {
            "model": {"width": 4, "latent_dim": 3},
            "training": {"steps": 1, "crop": 16},
            "leaves": {"leaves": 9},
        }
    )
    project = Project.create(tmp_path / "p", [encoder.specimen], settings)
    quietly(pipeline.learn(project))
    hungry(monkeypatch, lambda device: 22)
    notices = []
    drive(segment(project), lambda event: notices.extend([event] if isinstance(event, Notice) else []))
    project.reload()
    counts = np.bincount(np.asarray(project.leaves[0][:]).ravel(), minlength=10)
    assert counts[0] == 0
    np.testing.assert_array_equal(counts[1:], project.hierarchy.sizes[:9])
    assert len(notices) == 1
