import pytest
import torch

from napari_hypseg.encoding.flat import flat_labels
from napari_hypseg.errors import SettingError
from napari_hypseg.geometry.poincare import PoincareBall
from napari_hypseg.jobs import quietly

BALL = PoincareBall(1.0)


def test_groups_are_found_anew_for_each_number():
    generator = torch.Generator().manual_seed(0)
    centres = torch.tensor([[0.7, 0.0], [0.6, 0.3], [-0.8, 0.0], [0.0, -0.8]])
    truth = torch.arange(4).repeat_interleave(200)
    points = centres[truth] + 0.01 * torch.randn(800, 2, generator=generator)
    for k, same in ((2, None), (3, {(0, 1)}), (4, set())):
        labels = quietly(flat_labels(points, k, BALL, torch.Generator().manual_seed(1)))
        assert labels.dtype == torch.int64
        assert set(labels.tolist()) == set(range(k))
        found = [int(labels[truth == group].unique()) for group in range(4)]
        if same is not None:
            assert {(a, b) for a in range(4) for b in range(a + 1, 4) if found[a] == found[b]} == same


def test_the_same_seed_gives_the_same_labels():
    points = torch.rand(300, 2, generator=torch.Generator().manual_seed(0)) - 0.5
    first, second = (quietly(flat_labels(points, 5, BALL, torch.Generator().manual_seed(1))) for _ in range(2))
    assert torch.equal(first, second)


def test_more_groups_than_points_are_refused():
    with pytest.raises(SettingError):
        quietly(flat_labels(torch.zeros(3, 2), 4, BALL, torch.Generator()))
