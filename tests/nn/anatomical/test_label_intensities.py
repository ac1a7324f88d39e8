import pytest
import torch

from napari_hypseg.nn.anatomical.label_intensities import LabelIntensities

MEANS = (-2.0, 0.0, 1.5)


@pytest.fixture
def voxels():
    """Grey values (1, n) of three labels, and the probabilities (3, n) that a blurred prior gives them."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(3).repeat_interleave(400)
    grey = torch.tensor(MEANS)[labels] + 0.2 * torch.randn(1200, generator=generator)
    sure = torch.nn.functional.one_hot(labels, 3).T.float()
    return grey[None], 0.7 * sure + 0.1


def settled(grey, prior, steps=30):
    """What is learned of grey values (c, n) and probabilities (labels, n), and the posterior."""
    intensities = LabelIntensities(len(prior), len(grey))
    intensities.start(grey, prior)
    for _ in range(steps):
        joint = prior.log() + intensities.log_likelihood(grey)
        intensities.update(grey, joint.softmax(dim=0))
    return intensities, joint


@pytest.mark.parametrize("channels", [1, 3])
def test_labels_are_told_apart_by_what_a_blurred_prior_says(voxels, channels):
    grey, prior = voxels
    intensities, joint = settled(grey.expand(channels, -1), prior)
    means = torch.tensor(MEANS)[:, None].expand(-1, channels)
    torch.testing.assert_close(intensities.label_means(), means, atol=0.35, rtol=0)
    assert (joint.argmax(dim=0) == prior.argmax(dim=0)).float().mean() > 0.98


def test_a_small_label_in_the_wrong_place_keeps_a_tissue_that_others_have(voxels):
    """40 voxels of the third label, where the prior takes half of their place for it and as many beside them."""
    grey, prior = voxels
    small = torch.full((1, 1200), 1e-3)
    small[:, 1180:] = small[:, 400:420] = 0.6
    with_small = torch.cat([prior * (1 - small), small])
    intensities, _ = settled(grey, with_small)
    tissue = torch.tensor([[0.0, 1.5, -2.0]])
    likelihood = intensities.log_likelihood(tissue)[3]
    assert likelihood[:2].min() > likelihood[2] + 2


def test_a_label_in_two_tissues_keeps_both():
    """Its voxels are bright on one side and dark on the other, and its first shares hold."""
    generator = torch.Generator().manual_seed(0)
    grey = torch.tensor([-2.0, 0.0, 2.0, 0.0]).repeat_interleave(300) + 0.2 * torch.randn(1200, generator=generator)
    prior = torch.full((2, 1200), 0.1)
    prior[1, :300] = prior[1, 600:900] = 0.9
    prior[0, 300:600] = prior[0, 900:] = 0.9
    intensities, joint = settled(grey[None], prior)
    dark, between, bright = intensities.log_likelihood(torch.tensor([[-2.0, 0.0, 2.0]]))[1]
    assert min(dark, bright) > between + 1
    assert (joint.argmax(dim=0) == prior.argmax(dim=0)).float().mean() > 0.98


def test_variances_stay_above_their_bound(voxels):
    grey, prior = voxels
    intensities = LabelIntensities(3, 1)
    intensities.start(torch.zeros_like(grey), prior)
    intensities.update(torch.zeros_like(grey), prior)
    assert (intensities.variance > 0).all()
    assert torch.isfinite(intensities.log_likelihood(grey)).all()


def test_a_label_without_voxels_is_harmless(voxels):
    grey, prior = voxels
    without = torch.cat([prior[:2], torch.zeros(1, 1200)])
    intensities = LabelIntensities(3, 1)
    intensities.start(grey, without)
    for _ in range(3):
        intensities.update(grey, without)
    assert torch.isfinite(intensities.log_likelihood(grey)).all()


def test_densities_are_normalised(voxels):
    intensities, _ = settled(*voxels, steps=3)
    grey = torch.linspace(-12, 12, 8001)[None]
    area = torch.trapezoid(intensities.log_likelihood(grey).exp(), grey[0], dim=1)
    torch.testing.assert_close(area, torch.ones(3), atol=1e-3, rtol=0)
