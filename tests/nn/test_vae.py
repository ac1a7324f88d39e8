"""Every latent space of the family, learned with: terms that may be off, and rates ten times too high."""

import math

import numpy as np
import pytest
import torch

from napari_hypseg.jobs import Notice, drive
from napari_hypseg.methods.registry import get_method
from napari_hypseg.nn.encoders import FilterBank
from napari_hypseg.training.crops import CropSampler
from napari_hypseg.training.loop import train
from napari_hypseg.training.settings import TrainingSettings
from napari_hypseg.volumes import Specimen, Volume
from napari_hypseg.volumes.intensity import measure_intensity

TOO_HIGH = 2e-2
SPACES = [
    ("euclidean", {}),
    *(("hyperspherical", {"posterior": name}) for name in ("power-spherical", "von-mises-fisher")),
    *(
        ("hyperbolic", {"posterior": name, "curvature": c})
        for name in ("wrapped-normal", "riemannian-normal")
        for c in (0.1, 1.0, 5.0)
    ),
]
EXTREMES = [
    ("hyperbolic", {"posterior": name, "curvature": c})
    for name in ("wrapped-normal", "riemannian-normal")
    for c in (1e-6, 1e-3, 100.0)
]


def _named(space):
    return "-".join([space[0], *map(str, space[1].values())])


def _model(method, **settings):
    torch.manual_seed(0)
    chosen = get_method(method)
    return chosen.build(chosen.settings(**{"width": 4, "latent_dim": 2, **settings}), 1, (1.0, 1.0, 1.0))


def _learn(model, steps, rate):
    """Final state and the notices on the way."""
    values = np.random.default_rng(0).normal(size=(16, 16, 16)).astype(np.float32)
    values[4:10, 3:12, 5:9] += 4
    specimen = Specimen(Volume((values,)))
    sampler = CropSampler([specimen], [measure_intensity(specimen)], 8, model.halo, 0)
    settings = TrainingSettings(steps=steps, learning_rate=rate, crop=8, batch=2, device="cpu")
    notices = []

    def note(event):
        if isinstance(event, Notice):
            notices.append(event.message)

    return drive(train(model, sampler, settings, torch.device("cpu"), lambda state: None), note), notices


def _assert_healthy(model, state, notices):
    assert all("unstable" in notice for notice in notices)
    assert math.isfinite(state.loss)
    assert all(bool(torch.isfinite(tensor).all()) for tensor in state.weights.values())
    with torch.no_grad():
        points = model.embed(torch.zeros(1, 1, *(8 + 2 * h for h in model.halo)))
    assert torch.isfinite(points).all()


@pytest.mark.parametrize("space", [*SPACES, *EXTREMES], ids=_named)
def test_a_few_steps_at_a_rate_ten_times_too_high(space):
    method, settings = space
    model = _model(method, latent_dim=8, **settings)
    _assert_healthy(model, *_learn(model, 6, TOO_HIGH))


LONG = [
    *((space, (2, 64)[number % 2]) for number, space in enumerate(SPACES) if space[0] != "hyperspherical"),
    *((space, dim) for space in SPACES if space[0] == "hyperspherical" for dim in (2, 64)),
]
"""Every hyperbolic posterior meets few and many dimensions, and so does every spherical one."""


@pytest.mark.slow
@pytest.mark.parametrize(("space", "dim"), LONG, ids=[f"{_named(space)}-{dim}" for space, dim in LONG])
def test_a_long_run_at_a_rate_ten_times_too_high(space, dim):
    method, settings = space
    model = _model(method, latent_dim=dim, **settings)
    _assert_healthy(model, *_learn(model, 150, TOO_HIGH))


@pytest.mark.parametrize("method", ["euclidean", "hyperbolic", "hyperspherical"])
@pytest.mark.parametrize("decoder", ["gyroplane", "plain"])
@pytest.mark.parametrize("kernel", [1, 3])
def test_layers_and_kernels_are_a_matter_of_settings(method, decoder, kernel):
    model = _model(method, decoder=decoder, gyroplane_kernel=kernel)
    output = model.loss(torch.randn(1, 1, *(8 + 2 * h for h in model.halo)), torch.Generator().manual_seed(0))
    output.total.backward()
    assert all(parameter.grad is not None for parameter in model.decoder.parameters())
    assert set(output.terms) == {"reconstruction", "appearance", "kl", "triplet"}


@pytest.mark.parametrize(("weight", "scales", "wholes"), [(0.0, 4, 0), (0.1, 1, 1), (0.1, 2, 2), (0.1, 4, 4)])
def test_containment_may_be_off_or_of_fewer_scales(monkeypatch, weight, scales, wholes):
    looked_at = []
    coarser = FilterBank.coarse_features
    monkeypatch.setattr(
        FilterBank, "coarse_features", lambda self, x, stride: looked_at.append(stride) or coarser(self, x, stride)
    )
    model = _model("hyperbolic", triplet_weight=weight, triplet_scales=scales)
    output = model.loss(torch.randn(1, 1, *(16 + 2 * h for h in model.halo)), torch.Generator().manual_seed(0))
    assert looked_at == [(2,) * 3, (4,) * 3, (8,) * 3, (16,) * 3][:wholes]
    assert (float(output.terms["triplet"].detach()) > 0) == bool(wholes)
