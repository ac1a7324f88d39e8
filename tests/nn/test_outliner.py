import pytest
import torch

from napari_hypseg.nn.outliner import Outliner


@pytest.mark.parametrize("shape", [(8, 8, 8), (1, 9, 12), (5, 1, 1), (7, 11, 13), (1, 1, 1), (2, 3, 4)])
def test_log_odds_of_every_cell_of_any_grid(shape):
    odds = Outliner(2).eval()(torch.rand(2, 2, *shape))
    assert odds.shape == (2, *shape)
    assert odds.isfinite().all()


def test_a_bright_block_is_learned():
    torch.manual_seed(0)
    truth = torch.zeros(1, 12, 13, 14)
    truth[:, 3:9, 3:9, 4:10] = 1
    data = truth[:, None] + 0.3 * torch.randn(1, 1, *truth.shape[1:])
    network = Outliner(1)
    optimiser = torch.optim.Adam(network.parameters(), 1e-2)
    for _ in range(30):
        optimiser.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(network(data), truth).backward()
        optimiser.step()
    assert float(((network(data) > 0) == (truth > 0)).float().mean()) > 0.95
