import torch

from napari_hypseg.nn.anatomical.bias_field import BiasField
from napari_hypseg.nn.anatomical.lattice import lattice_voxels

SHAPE = (6, 7, 8)


def test_grey_values_are_divided_by_it():
    """Standardised ones too, whose 0 is not that of the volume, and at twice the resolution of the grid."""
    field = BiasField(2, SHAPE)
    slope = torch.linspace(-0.5, 0.5, SHAPE[2])
    field.place(torch.stack([slope.expand(SHAPE), torch.zeros(SHAPE)]), torch.tensor([-1.5, -1.0]))
    voxels = lattice_voxels((12, 14, 15), (0, 0, 0), 1) / 2
    gain = (-0.5 + voxels[..., 2] / 7).exp()
    true = torch.rand(2, 12, 14, 15, generator=torch.Generator().manual_seed(0)) * 3
    seen = torch.stack([true[0] * gain - 1.5, true[1] - 1.0])
    expected = torch.stack([true[0] - 1.5, true[1] - 1.0])
    inside = voxels[0, 0, :, 2] <= 7
    torch.testing.assert_close(field.correct(seen, voxels)[..., inside], expected[..., inside], atol=1e-4, rtol=0)


def test_without_anything_said_nothing_changes():
    grey = torch.randn(1, *SHAPE)
    voxels = lattice_voxels(SHAPE, (0, 0, 0), 1)
    torch.testing.assert_close(BiasField(1, SHAPE).correct(grey, voxels), grey)
