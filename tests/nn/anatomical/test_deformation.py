import torch

from napari_hypseg.nn.anatomical.deformation import DeformationScale, deform
from napari_hypseg.nn.anatomical.lattice import at_phase

BLOCK = torch.zeros(32, 24, 16, dtype=torch.uint8)
BLOCK[8:24, 6:18, 4:12] = 3


def test_nothing_moves_without_deformation():
    for phase in ((0, 0, 0), (1, 1, 0)):
        moved = deform(BLOCK, DeformationScale(0.0, 0.0), torch.Generator().manual_seed(0), phase)
        assert torch.equal(moved, at_phase(BLOCK, phase))


def test_deformed_labels_differ_and_keep_their_size_about():
    generator = torch.Generator().manual_seed(0)
    volumes = [(deform(BLOCK, DeformationScale(0.02, 0.02), generator, (0, 0, 0)) == 3).sum().item() for _ in range(20)]
    assert len(set(volumes)) > 10
    expected = (at_phase(BLOCK, (0, 0, 0)) == 3).sum().item()
    assert abs(sum(volumes) / 20 - expected) < 0.15 * expected


def test_displacements_are_as_large_as_asked_for():
    """The centre of a block moves by about the standard deviation."""
    generator = torch.Generator().manual_seed(1)
    places = []
    for _ in range(40):
        found = torch.nonzero(deform(BLOCK, DeformationScale(0.05, 0.0), generator, (0, 0, 0))).float()
        places.append(2 * found.mean(dim=0))
    spread = torch.stack(places).std(dim=0)
    assert (spread > 0.5 * 0.05 * 32).all()
    assert (spread < 2.5 * 0.05 * 32).all()
