import pytest
import torch

from napari_hypseg.nn.anatomical.mean_field import ROUNDS, mean_field


def _ball(noise=1.2, seed=0):
    """Which voxels (24, 24, 24) lie in a ball, and log p(x, s) (2, …) of grey values with noise, with margin."""
    generator = torch.Generator().manual_seed(seed)
    axis = torch.arange(24.0) - 11.5
    inside = sum(part.square() for part in torch.meshgrid(axis, axis, axis, indexing="ij")) < 64
    grey = torch.where(inside, 1.0, -1.0) + noise * torch.randn(inside.shape, generator=generator)
    joint = torch.stack([-0.5 * (grey - level).square() / noise**2 for level in (-1.0, 1.0)])
    core = slice(ROUNDS, -ROUNDS)
    return inside[core, core, core], joint, (slice(None), core, core, core)


def _faces(labels):
    return sum(int(labels.diff(dim=axis).abs().sum()) for axis in range(3))


def test_borders_become_smooth_and_more_exact():
    inside, joint, core = _ball()
    alone = joint[core].argmax(dim=0)
    found = mean_field(joint, 4.0, (1.0, 1.0, 1.0)).argmax(dim=0)
    assert found.shape == inside.shape
    assert (found == inside.long()).float().mean() > 0.97 > (alone == inside.long()).float().mean() + 0.1
    assert _faces(found) < 0.3 * _faces(alone)


def test_without_coupling_a_voxel_is_judged_by_itself():
    _, joint, core = _ball()
    torch.testing.assert_close(mean_field(joint, 0.0, (1.0, 1.0, 1.0)), joint[core])


@pytest.mark.parametrize("axis", range(3))
def test_one_round_is_the_update_of_a_potts_model(axis, monkeypatch):
    """By hand, at a voxel of large distance along one axis, whose neighbours there count less."""
    monkeypatch.setattr("napari_hypseg.nn.anatomical.mean_field.ROUNDS", 1)
    joint = torch.randn(3, 3, 3, 3, generator=torch.Generator().manual_seed(1))
    edges = [1.0, 1.0, 1.0]
    edges[axis] = 4.0
    q = joint.softmax(dim=0).movedim(axis + 1, 1)
    far = q[:, 0, 1, 1] + q[:, 2, 1, 1]
    near = q[:, 1, 0, 1] + q[:, 1, 2, 1] + q[:, 1, 1, 0] + q[:, 1, 1, 2]
    expected = joint[:, 1, 1, 1] + 2.0 * 0.5 * (0.25 * far + near) / 2.25
    torch.testing.assert_close(mean_field(joint, 2.0, tuple(edges))[:, 0, 0, 0], expected)
