import pytest
import torch

from napari_hypseg.nn.losses import mean_displacement, ranking_loss


@pytest.mark.parametrize(
    ("scores", "margin", "expected"),
    [
        ([0.0, 1.0], 1.0, 0.0),
        ([0.0, 0.25], 1.0, 0.75),
        ([1.0, 0.0], 1.0, 2.0),
        ([0.0, 2.0, 1.0], 1.5, (0.0 + 0.5 + 2.5) / 3),
        ([3.0, 3.0, 3.0], 0.5, 0.5),
    ],
)
def test_ranking_loss_by_hand(scores, margin, expected):
    assert float(ranking_loss(torch.tensor(scores), margin)) == pytest.approx(expected)


def test_descending_the_loss_puts_slices_in_order():
    scores = torch.tensor([2.0, 0.0, 1.0, -1.0], requires_grad=True)
    for _ in range(60):
        ranking_loss(scores, 1.0).backward()
        with torch.no_grad():
            scores -= 0.2 * scores.grad
        scores.grad = None
    assert mean_displacement(scores.detach()) == 0


@pytest.mark.parametrize(
    ("scores", "expected"),
    [([1.0, 2.0, 3.0, 9.0], 0), ([4.0, 3.0, 2.0, 1.0], (3 + 1 + 1 + 3) / 4), ([2.0, 1.0, 3.0], 2 / 3)],
)
def test_mean_displacement_by_hand(scores, expected):
    assert mean_displacement(torch.tensor(scores)) == pytest.approx(expected)
