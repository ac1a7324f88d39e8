import pytest
import torch

from napari_hypseg.nn.anatomical.label_gaussians import LabelGaussians

MEANS = (-2.0, 0.0, 1.5)


@pytest.fixture
def voxels():
    """Grey values (1, n) of three labels, and the probabilities (3, n) that a blurred prior gives them."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(3).repeat_interleave(400)
    grey = torch.tensor(MEANS)[labels] + 0.2 * torch.randn(1200, generator=generator)
    sure = torch.nn.functional.one_hot(labels, 3).T.float()
    return grey[None], 0.7 * sure + 0.1


def test_means_become_those_of_the_labels(voxels):
    grey, prior = voxels
    gaussians = LabelGaussians(3, 1)
    gaussians.start(grey, prior)
    for _ in range(30):
        joint = prior.log() + gaussians.log_likelihood(grey)
        gaussians.update(grey, joint.softmax(dim=0))
    torch.testing.assert_close(gaussians.label_means()[1:, 0], torch.tensor(MEANS[1:]), atol=0.1, rtol=0)
    assert (joint.argmax(dim=0) == prior.argmax(dim=0)).float().mean() > 0.98


def test_variances_stay_within_their_bounds(voxels):
    grey, prior = voxels
    gaussians = LabelGaussians(3, 1)
    gaussians.start(torch.zeros_like(grey), prior)
    gaussians.update(torch.zeros_like(grey), prior)
    assert (gaussians.variance > 0).all()
    assert torch.isfinite(gaussians.log_likelihood(grey)).all()


def test_a_label_without_voxels_is_harmless(voxels):
    grey, prior = voxels
    without = torch.cat([prior[:2], torch.zeros(1, 1200)])
    gaussians = LabelGaussians(3, 1)
    gaussians.start(grey, without)
    for _ in range(3):
        gaussians.update(grey, without)
    assert torch.isfinite(gaussians.log_likelihood(grey)).all()


def test_densities_are_normalised():
    gaussians = LabelGaussians(2, 1)
    grey = torch.linspace(-12, 12, 4001)[None]
    area = torch.trapezoid(gaussians.log_likelihood(grey).exp(), grey[0], dim=1)
    torch.testing.assert_close(area, torch.ones(2), atol=1e-3, rtol=0)
