import torch

from napari_hypseg.nn.anatomical.lattice import at_phase, draw_phase, lattice_voxels


def test_lattice_voxels_are_those_that_a_phase_takes():
    full = torch.arange(6 * 4 * 8).reshape(6, 4, 8)
    for phase in ((0, 0, 0), (1, 0, 1)):
        z, y, x = lattice_voxels((6, 4, 8), phase).long().unbind(-1)
        assert torch.equal(full[z, y, x], at_phase(full, phase))


def test_all_eight_phases_are_drawn():
    generator = torch.Generator().manual_seed(0)
    assert len({draw_phase(generator) for _ in range(200)}) == 8
