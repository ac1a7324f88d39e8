import pytest
import torch

from napari_hypseg.nn.slice_encoder import ChannelDropout, SliceEncoder


def pattern(dropped):
    """Which channels of each slice were dropped."""
    return (dropped == 0).all(dim=(2, 3))


def test_whole_channels_are_dropped_and_the_rest_makes_up_for_them():
    torch.manual_seed(0)
    seen = ChannelDropout(0.25).train()(torch.ones(200, 16, 3, 3))
    assert seen.unique().tolist() == pytest.approx([0, 4 / 3])
    assert float(pattern(seen).float().mean()) == pytest.approx(0.25, abs=0.03)
    assert float(seen.mean()) == pytest.approx(1, abs=0.05)
    assert torch.equal(seen == 0, pattern(seen)[:, :, None, None].expand_as(seen))
    assert len(pattern(seen).unique(dim=0)) > 1


def test_shared_dropout_drops_the_same_channels_of_every_slice():
    torch.manual_seed(0)
    dropout = ChannelDropout(0.5).train()
    dropout.shared = True
    first, second = (pattern(dropout(torch.ones(5, 32, 2, 2))) for _ in range(2))
    assert (first == first[0]).all()
    assert not torch.equal(first, second), "each draw is another one"


def test_nothing_is_dropped_unless_it_learns():
    features = torch.rand(2, 4, 3, 3)
    assert torch.equal(ChannelDropout(0.9).eval()(features), features)
    assert torch.equal(ChannelDropout(0.0).train()(features), features)


@pytest.mark.parametrize(
    ("size", "expected"), [((32, 32), (8, 8)), ((17, 30), (5, 8)), ((1, 9), (1, 3)), ((1, 1), (1, 1))]
)
def test_super_pixels_of_any_slice(size, expected):
    encoder = SliceEncoder(2, 0.1).eval()
    assert encoder(torch.rand(3, 2, *size)).shape == (3, encoder.width, *expected)


def test_looking_with_dropout_lets_the_norms_stand_still():
    torch.manual_seed(0)
    encoder = SliceEncoder(1, 0.5)
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    encoder.enable_mc_dropout(shared=True)
    slices = torch.rand(1, 1, 16, 16).expand(4, -1, -1, -1)
    one, two = encoder(slices), encoder(slices)
    assert not torch.equal(one, two)
    torch.testing.assert_close(one[0], one[3])
    assert all(torch.equal(before[name], value) for name, value in encoder.state_dict().items())
    encoder.enable_mc_dropout(shared=False)
    torch.testing.assert_close(encoder(slices), encoder(slices))
