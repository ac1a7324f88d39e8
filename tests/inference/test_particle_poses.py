import numpy as np
import pytest
import torch

from napari_hypseg.inference.particle_poses import ParticlePoses, aligned_images, infer_poses
from napari_hypseg.jobs import drive
from napari_hypseg.methods.spatial_vae import SpatialVAESettings, build_spatial_vae


@pytest.mark.parametrize(("rotations", "edge"), [("plane", (11, 11)), ("space", (6, 6, 6))])
def test_batches_change_nothing(monkeypatch, rotations, edge):
    torch.manual_seed(0)
    model = build_spatial_vae(SpatialVAESettings(rotations=rotations, width=8), edge, 10)
    images = np.random.default_rng(0).normal(size=(7, *edge)).astype(np.float32)
    whole = drive(infer_poses(model, images, torch.device("cpu")), lambda event: None)
    monkeypatch.setattr("napari_hypseg.inference.particle_poses.BATCH_VALUES", 1)
    events = []
    single = drive(infer_poses(model, images, torch.device("cpu")), events.append)
    assert [event.step for event in events] == [1, 2, 3, 4, 5, 6, 7]
    for name in ("points", "rotations", "shifts", "elbo", "doubt"):
        np.testing.assert_allclose(getattr(single, name), getattr(whole, name), atol=1e-4)


def test_a_particle_is_brought_upright_and_to_the_middle():
    images = np.zeros((1, 11, 11), np.float32)
    images[0, 5, 9] = 1
    images[0, 5, 8] = 0.5
    quarter = np.array([[[0.0, 1.0], [-1.0, 0.0]]], np.float32)  # (y, x) becomes (−x, y)
    poses = ParticlePoses(np.zeros((1, 2)), quarter, np.array([[3.0, 0.0]], np.float32), *np.zeros((2, 1)))
    back = aligned_images(images, poses, np.array([0]))[0]
    assert np.unravel_index(back.argmax(), back.shape) == (4, 5)
    assert back[4, 5] == pytest.approx(1, abs=1e-5)
    assert back[5, 5] == pytest.approx(0.5, abs=1e-5)
    np.testing.assert_allclose(poses.centres[0], [0, 3])  # the middle of the content is 3 pixels along x
