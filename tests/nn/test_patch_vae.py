"""The published network: shapes, the loss as published, and every voxel's point from its own patch."""

import math

import numpy as np
import pytest
import torch

from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.nn import patch_vae
from napari_hypseg.nn.patch_networks import PatchDecoder, PatchEncoder
from napari_hypseg.nn.patch_triplets import draw_triplets, resize_patches
from napari_hypseg.nn.patch_vae import PatchVAE
from napari_hypseg.volumes.phantom import phantom


def build(weight=1000.0, channels=1, latent_dim=2):
    torch.manual_seed(0)
    return PatchVAE(PoincareBall(1.0), latent_dim, channels, weight, 0.2)


def crops(count=2, edge=20):
    grey = np.asarray(phantom((edge, edge, edge), seed=2).volume.channels[0])
    standard = torch.from_numpy((grey - grey.mean()) / grey.std()).float()
    return standard.expand(count, 1, -1, -1, -1)


@pytest.mark.parametrize(("channels", "latent_dim"), [(1, 2), (3, 5)])
def test_networks_go_there_and_back(channels, latent_dim):
    patches = torch.randn(4, channels, 10, 10, 10)
    location, scale = PatchEncoder(channels, latent_dim)(patches)
    assert location.shape == scale.shape == (4, latent_dim)
    decoder = PatchDecoder(PoincareBall(1.0), latent_dim, channels)
    assert decoder(torch.zeros(4, latent_dim)).shape == patches.shape


def test_the_latent_volume_holds_one_point_and_its_voxels_are_told_apart():
    decoder = PatchDecoder(PoincareBall(1.0), 2, 1)
    seen = []
    decoder.gyroplanes.register_forward_hook(lambda _, inputs, output: seen.extend([inputs[0], output]))
    decoder(torch.tensor([[0.3, -0.5]]))
    volume, features = seen
    assert volume.shape == (1, 2, 2, 2, 2)
    assert (volume.flatten(2) == torch.tensor([0.3, -0.5])[None, :, None]).all()
    corners = features.flatten(2)[0].T
    assert torch.cdist(corners, corners).fill_diagonal_(1).min() > 1e-3


def test_reconstructions_may_be_negative():
    decoder = PatchDecoder(PoincareBall(1.0), 2, 1)
    torch.nn.init.constant_(decoder.convolutions[-1].bias, -1.0)
    assert (decoder(torch.rand(20, 2) - 0.5) < 0).all()


@torch.inference_mode()
def test_a_block_is_embedded_as_each_of_its_patches(monkeypatch):
    monkeypatch.setattr(patch_vae, "PATCHES", 11)  # the chunks end within rows
    model = build(channels=2).eval()
    x = torch.randn(2, 2, 7, 8, 6)
    points = model.embed(x)
    assert points.shape == (2, 3, 4, 2, 2)
    for b, z, y, w in [(0, 0, 0, 0), (1, 2, 3, 1), (0, 1, 3, 0), (1, 0, 2, 1)]:
        patch = resize_patches(x[b : b + 1, :, z : z + 5, y : y + 5, w : w + 5])
        location, _ = model.encoder(patch)
        torch.testing.assert_close(points[b, z, y, w], model.manifold.expmap0(location)[0], atol=1e-5, rtol=1e-4)
    assert points.std() > 1e-4


@torch.inference_mode()
def test_decoding_gives_the_middle_of_each_patch():
    model = build(channels=2).eval()
    points = torch.rand(2, 3, 4, 5, 2) - 0.5
    grey = model.decode(points)
    assert (grey.shape, model.decoder_radius) == ((2, 2, 3, 4, 5), 0)
    patch = model.decoder(points[1, 2, 0, 3][None])[0]
    torch.testing.assert_close(grey[1, :, 2, 0, 3], patch[:, 4:6, 4:6, 4:6].mean((1, 2, 3)), atol=1e-5, rtol=1e-4)


def test_the_loss_is_the_published_one_a_voxel():
    model, x = build(), crops()
    loss = model.loss(x, torch.Generator().manual_seed(5))
    generator = torch.Generator().manual_seed(5)
    parents, children, negatives = draw_triplets(x, generator)
    posterior = model._posterior(parents)
    draws = posterior.rsample(generator, 8)
    normal = torch.distributions.Normal(model.decoder(draws[0]), 1)
    origin = torch.zeros_like(posterior.loc)
    prior = type(posterior)(model.manifold, origin, torch.ones(()))
    kl = (posterior.log_prob(draws) - prior.log_prob(draws)).mean(0)
    elbo = normal.log_prob(parents).sum((1, 2, 3, 4)) - kl
    a, p, n = (model._posterior(patches).loc for patches in (parents, children, negatives))
    # The paper's own distance, not squared.
    gap = [(1 - (v * v).sum(-1)) for v in (a, p, n)]
    near, far = (torch.acosh(1 + 2 * ((a - v) ** 2).sum(-1) / (gap[0] * g)) for v, g in ((p, gap[1]), (n, gap[2])))
    published = -elbo.mean() + 1000 * torch.relu(near - far + 0.2).mean()
    torch.testing.assert_close(loss.total * 1000, published, rtol=1e-4, atol=0)


def test_the_loss_falls_on_a_phantom():
    model, x = build(), crops(count=2)
    optimiser = model.optimiser(3e-4)
    losses = []
    for _ in range(25):
        loss = model.loss(x, torch.Generator().manual_seed(0)).total  # of the same patches
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), model.clip)
        optimiser.step()
        losses.append(float(loss.detach()))
    assert all(map(math.isfinite, losses))
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize("stretch", [1e3, 1e6])
def test_points_at_the_rim_have_finite_gradients(stretch):
    model = build()
    with torch.no_grad():
        model.encoder.location.weight.mul_(stretch)
    loss = model.loss(crops(), torch.Generator().manual_seed(0))
    loss.total.backward()
    assert loss.total.isfinite()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


def test_it_is_trained_by_amsgrad_clipped_as_published():
    model = build(channels=2)
    optimiser = model.optimiser(5e-7)
    assert optimiser.defaults["amsgrad"]
    assert optimiser.defaults["weight_decay"] == 0
    assert model.clip * 2000 == pytest.approx(8)
