"""Where an encoder's output may land."""

import pytest
import torch

from napari_hypseg.geometry.euclidean import Euclidean
from napari_hypseg.geometry.poincare import PoincareBall
from napari_hypseg.nn.latent import Latent

DIRECTIONS = torch.eye(3) * torch.tensor([[0.3], [5.0], [1000.0]])


@pytest.mark.parametrize("manifold", [Euclidean(), PoincareBall(0.1), PoincareBall(1.0), PoincareBall(10.0)])
def test_locations_stay_clear_of_the_rim(manifold):
    points = Latent(manifold, 3).locate(DIRECTIONS)
    rim = manifold.dist(torch.zeros(3), manifold.project(torch.eye(3)[:1] * 1e6))
    reached = manifold.dist(torch.zeros(3), points)
    assert reached.max() < 0.7 * rim
    assert reached[0] < reached[1] <= reached[2]
