import pytest
import torch

from napari_hypseg.nn.anatomical.label_decoder import LabelDecoder, grid_of, reach_of


@pytest.fixture
def decoder():
    torch.manual_seed(0)
    made = LabelDecoder(3, (16, 16, 24), 4, 8, reach=1.0)
    location = torch.full((3, 16, 16, 24), 0.05)
    location[0] = 0.9
    location[:, 4:12, 4:12, 6:18] = torch.tensor([0.05, 0.9, 0.05])[:, None, None, None]
    made.log_location.copy_(location.log())
    return made


def test_a_latent_map_of_zeros_is_the_location_prior(decoder):
    prior = decoder.log_prior_on_grid(torch.zeros(1, 4, *decoder.latent_shape))
    torch.testing.assert_close(prior[0], decoder.log_location.log_softmax(dim=0), atol=1e-5, rtol=0)


def test_probabilities_sum_to_one(decoder):
    prior = decoder.log_prior_on_grid(torch.randn(2, 4, *decoder.latent_shape))
    assert prior.shape == (2, 3, 16, 16, 24)
    torch.testing.assert_close(prior.exp().sum(dim=1), torch.ones(2, 16, 16, 24))


def test_displacing_channels_move_the_location_prior(decoder):
    """Looked up at a larger z, the block appears at a smaller one."""
    for last in (decoder.to_displacement, decoder.to_logits):
        torch.nn.init.zeros_(last.weight)
    latent = torch.zeros(1, 4, *decoder.latent_shape)
    latent[:, 0] = 2 / 5.0  # two voxels: the smoothing keeps what is the same everywhere
    moved = decoder.log_prior_on_grid(latent)[0]
    still = decoder.log_location.log_softmax(dim=0)
    torch.testing.assert_close(moved[:, 2:12, 4:12, 6:18], still[:, 4:14, 4:12, 6:18], atol=1e-4, rtol=0)


def test_grids_fit_latent_maps():
    assert grid_of((1, 17, 64)) == (16, 24, 64)
    assert reach_of(0.02, (10, 50, 20)) == pytest.approx(1.0)
