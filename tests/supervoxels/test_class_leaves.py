from dataclasses import replace

import numpy as np
import pytest
import torch

from napari_hypseg.errors import SettingError
from napari_hypseg.geometry.manifolds.sphere import Sphere
from napari_hypseg.inference.batches import make_batches
from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.inference.precomputed_encoder import PrecomputedEncoder
from napari_hypseg.jobs import quietly
from napari_hypseg.supervoxels import class_leaves
from napari_hypseg.supervoxels.class_leaves import divide_by_class
from napari_hypseg.supervoxels.workspace import workspace_in_memory
from napari_hypseg.volumes import Specimen, Volume


def test_no_leaf_lies_in_two_classes():
    """Two leaves, left and right, and two classes, above and below: four parts, whose points tell their class."""
    shape = (8, 60, 6)
    probabilities = torch.full((*shape, 3), 0.1)
    probabilities[:, :20, :, 1] = 0.8
    probabilities[:, 20:, :, 2] = 0.8
    grey = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    encoder = PrecomputedEncoder.of(probabilities.sqrt(), Sphere(), Specimen(Volume((grey,))))
    space = workspace_in_memory([encoder])
    leaves = np.ones(shape, dtype=np.uint16)
    leaves[:, :, 3:] = 2
    leaves[0] = 0
    space = replace(space, leaves=[leaves])
    divided = quietly(divide_by_class(MemoryFallback([encoder]), quietly(make_batches([encoder])), space))
    assert sorted(zip(divided.origins.tolist(), divided.points.argmax(dim=1).tolist(), strict=True)) == [
        (0, 1), (0, 2), (1, 1), (1, 2)
    ]  # fmt: skip
    assert (leaves[0] == 0).all()
    assert np.bincount(leaves.ravel())[1:].tolist() == divided.sizes.tolist()
    for part, point in enumerate(divided.points, start=1):
        places = np.argwhere(leaves == part)
        assert set((places[:, 1] >= 20).tolist()) == {bool(point.argmax() == 2)}
        assert len(set((places[:, 2] >= 3).tolist())) == 1
    torch.testing.assert_close(divided.points.square().sum(dim=1), torch.ones(4))


def test_more_parts_than_ids_can_tell_apart_are_refused(monkeypatch):
    monkeypatch.setattr(class_leaves, "MOST", 3)
    probabilities = torch.eye(4)[torch.arange(8 * 8 * 8).reshape(8, 8, 8) % 4]
    grey = np.random.default_rng(0).normal(size=(8, 8, 8)).astype(np.float32)
    encoder = PrecomputedEncoder.of(probabilities, Sphere(), Specimen(Volume((grey,))))
    space = replace(workspace_in_memory([encoder]), leaves=[np.ones((8, 8, 8), dtype=np.uint16)])
    with pytest.raises(SettingError, match="more than 3 leaves; set fewer"):
        quietly(divide_by_class(MemoryFallback([encoder]), quietly(make_batches([encoder])), space))
