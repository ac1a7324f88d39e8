from dataclasses import replace

import numpy as np
import pytest
import torch

from napari_hypseg.errors import InputError
from napari_hypseg.jobs import drive
from napari_hypseg.methods.spatial_vae import PRESETS, SpatialVAESettings
from napari_hypseg.nn.spatial.rotations import plane_angle
from napari_hypseg.training.images import ImageSampler
from napari_hypseg.training.loop import train
from napari_hypseg.training.settings import TrainingSettings

SPACES = ["euclidean", "hyperspherical", "hyperbolic"]


def _loss(model, images, seed=0):
    return model.loss(images, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("latent", SPACES)
@pytest.mark.parametrize("encoder", ["perceptron", "convolution"])
@pytest.mark.parametrize("likelihood", ["normal", "bernoulli"])
def test_every_combination_learns_all_its_parameters(build, latent, encoder, likelihood):
    model = build(latent=latent, encoder=encoder, likelihood=likelihood)
    output = _loss(model, torch.rand(4, 9, 9))
    output.total.backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in model.parameters())
    assert set(output.terms) == {"reconstruction", "kl", "pose_kl"}


@pytest.mark.parametrize(("rotations", "shape"), [("plane", (9, 9)), ("axis", (7, 7, 7)), ("space", (7, 7, 7))])
@pytest.mark.parametrize("starts", [1, 4])
def test_every_kind_of_rotation_is_inferred(build, rotations, shape, starts):
    model = build(shape, rotations=rotations, starts=starts)
    assert torch.isfinite(_loss(model, torch.rand(3, *shape)).total)
    found = model.infer(torch.rand(3, *shape))
    d = len(shape)
    assert found.points.shape == (3, 2)
    torch.testing.assert_close(found.pose.rotation @ found.pose.rotation.mT, torch.eye(d).expand(3, d, d))
    assert ((found.doubt >= 0) & (found.doubt < 1)).all()
    assert (found.doubt == 0).all() == (starts == 1)


def test_the_bound_is_that_of_all_pixels_on_average(build):
    model = build(starts=1, augment=False)
    images = torch.rand(3, 9, 9)
    some = torch.stack([_loss(model, images, seed).terms["reconstruction"].detach() for seed in range(300)])
    model.learning = replace(model.learning, decoded=None)
    every = torch.stack([_loss(model, images, seed).terms["reconstruction"].detach() for seed in range(300)])
    assert abs(float(some.mean() - every.mean())) < 4 * float(some.std()) / 300**0.5 + 1e-3


def test_the_content_waits_until_poses_are_learned(build):
    model = build(frozen_epochs=0.05)  # of 100 images
    assert not model.infer(torch.rand(3, 9, 9)).points.any()
    kls = [float(_loss(model, torch.rand(2, 9, 9)).terms["kl"].detach()) for _ in range(4)]
    assert kls[:3] == [0, 0, 0]
    assert kls[3] > 0
    assert int(model.seen) == 8
    assert "seen" in model.state_dict(), "learning goes on where it was"


def test_the_prior_of_the_content_gains_its_weight_by_and_by(build):
    model = build(frozen_epochs=0.02, warm_epochs=0.04)  # of 100 images
    weights = []
    for _ in range(5):
        output = _loss(model, torch.rand(2, 9, 9))
        terms = {name: float(term.detach()) for name, term in output.terms.items()}
        other = terms["reconstruction"] + terms["pose_kl"]
        weights.append((float(output.total.detach()) - other) / terms["kl"] if terms["kl"] else None)
    assert weights[0] is None
    assert weights[1] == pytest.approx(0, abs=1e-3)
    assert weights[2:] == pytest.approx([0.5, 1, 1], abs=1e-3)


def test_fixed_poses_are_the_plain_bound(build):
    model = build(angle_prior=0, shift_prior=0)
    assert float(_loss(model, torch.rand(2, 9, 9)).terms["pose_kl"]) == 0
    found = model.infer(torch.rand(2, 9, 9))
    torch.testing.assert_close(found.pose.rotation, torch.eye(2).expand(2, 2, 2))
    assert not found.pose.shift.any()


def test_turning_an_image_turns_what_is_inferred(build):
    """With starts at quarter turns it is exact, whatever the network has learned."""
    model = build(starts=4)
    images = torch.randn(5, 9, 9)
    plain, turned = model.infer(images), model.infer(images.rot90(1, (1, 2)))
    torch.testing.assert_close(turned.points, plain.points, atol=1e-4, rtol=0)
    more = plane_angle(plain.pose.rotation.mT @ turned.pose.rotation)
    torch.testing.assert_close(more.sin().abs(), torch.ones(5), atol=1e-3, rtol=0)


def test_the_published_preset_is_that_of_the_paper():
    settings, training = PRESETS["spatial-vae"]
    chosen = SpatialVAESettings(**settings)
    assert (chosen.width, chosen.layers, chosen.starts, chosen.frequencies) == (500, 2, 1, 0)
    assert (chosen.angle_prior, chosen.mean_free, chosen.augment, chosen.frozen_epochs) == (180, True, True, 2)
    assert (chosen.encoder, chosen.decoded_pixels) == ("perceptron", None)
    assert training == {"batch": 100, "learning_rate": 1e-4}


def test_boxes_have_equal_edges(build):
    with pytest.raises(InputError, match="8 × 9"):
        build((8, 9))
    with pytest.raises(InputError, match="rotations"):
        build((9, 9), rotations="axis")


def _bars(count, seed):
    """A bar with a knob at one end, turned at random: (count, 12, 12) and the angles."""
    angles = np.random.default_rng(seed).uniform(0, 2 * np.pi, count)
    y, x = np.meshgrid(*[np.linspace(-1, 1, 12)] * 2, indexing="ij")
    along = np.stack([np.cos(angles), np.sin(angles)], 1)[:, :, None, None]
    u, v = along[:, 0] * y + along[:, 1] * x, along[:, 0] * x - along[:, 1] * y
    bar = np.exp(-(v**2) / 0.05 - u**2 / 0.3) + np.exp(-((u - 0.5) ** 2 + v**2) / 0.05)
    return ((bar - bar.mean()) / bar.std()).astype(np.float32), angles


def test_it_learns_how_a_bar_lies(build):
    images, angles = _bars(200, 0)
    settings = {"starts": 6, "decoded_pixels": 72, "compared_pixels": 36, "width": 24, "shift_prior": 0}
    model = build((12, 12), latent_dim=1, **settings)
    training = TrainingSettings(steps=120, batch=32, learning_rate=1e-2, device="cpu")
    kept = []
    state = drive(train(model, ImageSampler(images, 0), training, torch.device("cpu"), kept.append), lambda event: None)
    assert state.step == 120
    assert kept
    model.eval()
    found = plane_angle(model.infer(torch.from_numpy(images)).pose.rotation).numpy()
    together = [abs(np.exp(1j * (found + sign * angles)).mean()) for sign in (1, -1)]
    assert max(together) > 0.9
    assert min(together) < 0.5


def test_refining_finds_what_explains_an_image_better(build):
    """Images the generator draws itself: what made them explains them, and the encoder, which learned nothing, not."""
    torch.manual_seed(0)
    model = build((12, 12), starts=4, refine_steps=0)
    with torch.no_grad():
        model.generator.from_point.weight.mul_(20)
        model.generator.last.bias[1] = -8  # hardly any noise
    z = torch.tensor([[-1.5, 0.3], [1.0, -1.2], [0.4, 1.4]])
    images = model.generate(z).detach()
    rough = model.infer(images)
    model.refine_steps = 60
    fine = model.infer(images)
    assert (fine.elbo > rough.elbo).all()
    far = (model.generate(rough.points, rough.pose) - images).square().mean()
    assert (model.generate(fine.points, fine.pose) - images).square().mean() < 0.5 * far


def test_starts_are_compared_without_the_content_until_its_prior_has_its_weight(build):
    model = build(frozen_epochs=0.02, warm_epochs=0.04)  # of 100 images
    coarse = []
    for _ in range(4):
        coarse.append(model._is_coarse)
        _loss(model, torch.rand(2, 9, 9))
    assert coarse == [True, True, True, False]


def test_what_needs_an_unlikely_content_explains_an_image_worse(build):
    """Or particles upside down would get a content of their own, far from that of the others, and stay so."""
    model = build(starts=4, latent="euclidean")
    image = torch.rand(1, 9, 9)
    with torch.no_grad():
        model.generator.from_point.weight.zero_()  # whatever the content, the image is drawn alike
    likely = model.infer(image)
    model._point = lambda content: torch.full_like(content, 2.0)
    unlikely = model.infer(image)
    before, after = (-(found.points**2).sum() / 2 for found in (likely, unlikely))
    torch.testing.assert_close((unlikely.elbo - likely.elbo)[0] * model.inspected, after - before)
