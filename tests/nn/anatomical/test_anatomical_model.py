import pytest
import torch

from napari_hypseg.nn.anatomical.anatomical_model import AnatomicalModel, ShapeOptions
from napari_hypseg.nn.anatomical.label_decoder import LabelDecoder
from napari_hypseg.nn.anatomical.prior_frame import PriorFrame

SHAPE = (16, 16, 24)


def _model(smoothness):
    """Two labels side by side along x, and a volume on the grid of the prior."""
    torch.manual_seed(0)
    decoder = LabelDecoder(2, SHAPE, 4, 8, reach=1.0)
    side = torch.arange(SHAPE[2]) < 12
    probability = torch.where(side, 0.6, 0.4).expand(SHAPE)
    decoder.log_location.copy_(torch.stack([probability, 1 - probability]).log())
    options = ShapeOptions(adapts=False, smoothness=smoothness)
    model = AnatomicalModel(decoder, PriorFrame((1.0, 1.0, 1.0), "pixel", None), 1, 8, options).eval()
    grey = torch.where(side, -1.0, 1.0).expand(SHAPE) + 0.9 * torch.randn(SHAPE)
    model.place(grey[None], torch.ones(SHAPE, dtype=torch.bool), torch.eye(3, 4))
    return model, grey[None, None]


def _embedded(model, grey, start, stop, step=(1, 1, 1)):
    """Points of the box from `start` to `stop`, with the halo that the model asks for."""
    sides = zip(start, stop, model.halo, strict=True)
    outer = grey[:, :, *(slice(low - margin, high + margin) for low, high, margin in sides)]
    return model.sample_at(outer, step, [start])[0]


@pytest.mark.parametrize("smoothness", [0.0, 4.0])
def test_a_voxel_has_one_point_whatever_block_it_is_in(smoothness):
    model, grey = _model(smoothness)
    whole = _embedded(model, grey, (2, 2, 2), (14, 14, 22))
    assert whole.shape == (12, 12, 20, 2)
    torch.testing.assert_close(whole.norm(dim=-1), torch.ones(12, 12, 20))
    torch.testing.assert_close(_embedded(model, grey, (5, 3, 4), (9, 8, 20)), whole[3:7, 1:6, 2:18])


def test_samples_are_every_nth_point(monkeypatch):
    """In slabs, too, whose thickness the step does not divide."""
    model, grey = _model(4.0)
    whole = _embedded(model, grey, (2, 2, 2), (14, 14, 22))
    monkeypatch.setattr("napari_hypseg.nn.anatomical.anatomical_model.SLAB", 4)
    for step in ((1, 1, 1), (3, 2, 4)):
        z, y, x = step
        torch.testing.assert_close(_embedded(model, grey, (2, 2, 2), (14, 14, 22), step), whole[::z, ::y, ::x])


def test_smoothness_makes_neighbours_agree():
    faces = {}
    for smoothness in (0.0, 4.0):
        model, grey = _model(smoothness)
        labels = _embedded(model, grey, (2, 2, 2), (14, 14, 22)).argmax(dim=-1)
        faces[smoothness] = sum(int(labels.diff(dim=axis).abs().sum()) for axis in range(3))
    assert faces[4.0] < 0.6 * faces[0.0]


def test_intensities_are_those_of_voxels_as_their_neighbours_have_them():
    """A location prior that says little, and grey values that overlap: neighbours tell the labels apart."""
    apart = {}
    for smoothness in (0.0, 4.0):
        model, _ = _model(smoothness)
        generator = torch.Generator().manual_seed(0)
        for _ in range(60):
            model.loss(torch.zeros(1), generator)
        low, high = model.intensities.label_means()[:, 0].tolist()
        apart[smoothness] = abs(high - low - 2.0)
    assert apart[4.0] < 0.7 * apart[0.0]
