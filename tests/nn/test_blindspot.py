import torch

from napari_hypseg.nn.blindspot import mask_voxels


def test_only_hidden_voxels_of_the_core_change():
    generator = torch.Generator().manual_seed(0)
    x = torch.arange(20.0**3).reshape(1, 1, 20, 20, 20)
    for _ in range(20):
        corrupted, hidden = mask_voxels(x, (4, 4, 4), 0.2, generator)
        changed = corrupted != x
        assert torch.equal(changed[:, :, 4:-4, 4:-4, 4:-4], hidden)
        assert int(changed.sum()) == int(hidden.sum())
        assert 0.15 < hidden.float().mean() < 0.25
