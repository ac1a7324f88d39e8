"""What single latent points decode to."""

import pytest
import torch

from napari_hypseg.errors import HypsegError
from napari_hypseg.inference.decode_points import decode_points
from napari_hypseg.methods.registry import methods
from napari_hypseg.nn.model import DenseModel


def test_a_point_decodes_to_the_inside_of_a_field_of_it():
    torch.manual_seed(0)
    chosen = methods()["hyperbolic"]
    model = chosen.build(chosen.settings(width=4, latent_dim=3), 2, (1, 1, 1)).eval()
    points = 0.3 * torch.randn(5, 3)
    field = points[2].expand(1, 9, 9, 9, 3)
    torch.testing.assert_close(decode_points(model, points)[2], model.decode(field)[0, :, 4, 4, 4])


def test_a_model_without_a_decoder_says_so():
    class Blind(DenseModel):
        pass

    with pytest.raises(HypsegError, match="no decoder"):
        decode_points(Blind(), torch.zeros(1, 2))
    with pytest.raises(HypsegError, match="no decoder"):
        Blind().decode(torch.zeros(1, 3, 3, 3, 2))
