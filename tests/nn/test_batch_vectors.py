"""The batch vector and the consistency term in the dense VAE."""

import numpy as np
import pytest
import torch

from napari_hypseg.jobs import quietly
from napari_hypseg.methods.registry import get_method
from napari_hypseg.nn.batch_vectors import with_batch_vector
from napari_hypseg.nn.consistency import consistency_loss, degraded
from napari_hypseg.training.crops import CropSampler
from napari_hypseg.training.loop import train
from napari_hypseg.training.settings import TrainingSettings
from napari_hypseg.volumes import Specimen, Volume
from napari_hypseg.volumes.intensity import measure_intensity

BATCHES = "specimen=1,2,3"


def model(**settings):
    torch.manual_seed(0)
    method = get_method("hyperbolic")
    made = method.build(method.settings(**{"width": 4, "latent_dim": 2, **settings}), 1, (1.0, 1.0, 1.0))
    for layer in (made.encoder.batch, made.decoder.batch):  # as if something had been learned
        if layer is not None:
            torch.nn.init.normal_(layer.weight)
    return made


def crops(made, vector=None, count=2):
    grey = np.random.default_rng(0).normal(size=(count, 1, *(6 + 2 * halo for halo in made.halo))).astype(np.float32)
    return torch.from_numpy(np.stack([with_batch_vector(one, vector) for one in grey]))


@pytest.mark.parametrize("told", [False, True])
def test_points_depend_on_the_batch_only_where_the_encoder_is_told(told):
    made = model(batch_covariates=BATCHES, batch_encoder=told)
    vectors = made.batch_vectors(3)
    with torch.no_grad():
        plain, first, second = (made.embed(crops(made, vector)) for vector in (None, *vectors[:2]))
        mean = made.embed(crops(made, vectors.mean(axis=0)))
    assert torch.equal(first, second) != told
    torch.testing.assert_close(plain, mean)
    with torch.enable_grad():  # takes another way through the network
        torch.testing.assert_close(made.embed(crops(made, vectors[0])).detach(), first)


def test_what_is_drawn_depends_on_the_batch_and_without_one_on_the_mean():
    made = model(batch_covariates=BATCHES)
    points = torch.zeros(1, 4, 4, 4, 2)
    with torch.no_grad():
        drawn = [made._decode(points, torch.from_numpy(vector)[None]) for vector in made.batch_vectors(3)]
        mean = made._decode(points, torch.full((1, 3), 1 / 3))
    assert not torch.equal(drawn[0], drawn[1])
    torch.testing.assert_close(made.decode(points), mean[:, :1])


def test_other_specimens_are_of_no_batch_and_without_covariates_nothing_is_added():
    made = model(batch_covariates=BATCHES)
    assert made.batch_vectors(1) is None
    plain = model()
    assert plain.batch_vectors(3) is None
    known = plain.state_dict()
    assert {name for name in made.state_dict() if name not in known} == {"decoder.batch.weight"}


def test_crops_say_which_specimen_they_are_of_and_a_model_learns_from_them():
    rng = np.random.default_rng(0)
    specimens = [Specimen(Volume((np.full((12,) * 3, 0.7 * n, np.float32) + rng.random((12,) * 3, np.float32),)))
                 for n in range(3)]  # fmt: skip
    made = model(batch_covariates=BATCHES, batch_encoder=True, consistency_weight=0.5)
    plain = [measure_intensity(specimens[0])] * 3
    sampler = CropSampler(specimens, plain, 8, made.halo, 0, made.batch_vectors(3))
    drawn = sampler.draw(20)
    assert drawn.shape[1] == 4
    which = drawn[:, 1:].mean(axis=(2, 3, 4)).argmax(axis=1)
    assert set(which.tolist()) == {0, 1, 2}
    offset = plain[0].restore(drawn[:, 0].mean(axis=(1, 2, 3))[None])[0]
    np.testing.assert_allclose(offset, 0.7 * which + 0.5, atol=0.1)
    settings = TrainingSettings(steps=3, crop=8, batch=2, device="cpu")
    before = made.decoder.batch.weight.clone()
    state = quietly(train(made, sampler, settings, torch.device("cpu"), lambda state: None))
    assert np.isfinite(state.loss)
    assert not torch.equal(made.decoder.batch.weight, before)


def test_consistency_is_no_smaller_where_points_shrink_and_0_for_equal_ones():
    generator = torch.Generator().manual_seed(0)
    points, others = torch.randn(2, 50, 3, generator=generator)
    loss = consistency_loss(points, others)
    torch.testing.assert_close(consistency_loss(points / 100, others / 100), loss, rtol=0.01, atol=0)
    assert consistency_loss(points, points) == 0
    assert consistency_loss(points * 0, others * 0) == 0
    copy = degraded(points.view(2, 1, 5, 5, 3), generator)
    assert copy.shape == (2, 1, 5, 5, 3)
    assert not torch.equal(copy, points.view(2, 1, 5, 5, 3))


def test_the_term_is_told_only_where_it_counts():
    generator = torch.Generator().manual_seed(0)
    for weight in (0.0, 0.5):
        made = model(consistency_weight=weight)
        assert ("consistency" in made.loss(crops(made), generator).terms) == bool(weight)
