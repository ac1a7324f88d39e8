import pytest
import torch

from napari_hypseg.nn.triplet_sampling import sample_triplets


@pytest.mark.parametrize("cells", [(4, 4, 4), (1, 6, 5)])
def test_children_lie_inside_and_negatives_elsewhere(cells):
    stride = (1, 4, 4) if cells[0] == 1 else (4, 4, 4)
    cell_id = torch.arange(2 * cells[0] * cells[1] * cells[2]).reshape(2, *cells)
    voxel_id = cell_id
    for axis, s in enumerate(stride, start=1):
        voxel_id = voxel_id.repeat_interleave(s, dim=axis)
    generator = torch.Generator().manual_seed(0)
    drawn = sample_triplets(cell_id[..., None].float(), voxel_id[..., None].float(), stride, generator)
    assert drawn is not None
    parent, child, negative = drawn
    assert torch.equal(parent, child)
    assert (negative != parent[:, None]).all()


def test_a_crop_of_one_cell_has_no_negatives():
    points = torch.zeros(1, 4, 4, 4, 3)
    assert sample_triplets(torch.zeros(1, 1, 1, 1, 3), points, (4, 4, 4), torch.Generator()) is None
