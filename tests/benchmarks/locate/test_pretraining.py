"""Embeddings are joined as told, only the clustering differs, and the page compares volume by volume."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks.locate import pretraining
from benchmarks.locate.annotated_phantoms import LABELLED, Labelled, nested_spheres
from benchmarks.locate.joined_embeddings import COMPONENTS, joined, seen_from_origin, superpixels
from benchmarks.locate.pretraining import (
    DEFAULT,
    FULL_PRETRAINING,
    QUICK_PRETRAINING,
    SORTING,
    UNTRAINED,
    VECTORS,
    PretrainingPlan,
    TreeScore,
    pretraining_scores,
)
from benchmarks.locate.pretraining_table import pretraining_section
from benchmarks.locate.tree_score import group_dice
from benchmarks.reporting.stage_message import StageMessage
from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.jobs import drive, quietly
from napari_hypseg.nn.slice_encoder import SliceEncoder
from napari_hypseg.volumes.volume import Volume


@pytest.mark.parametrize("kind", LABELLED)
@pytest.mark.parametrize("number", range(FULL_PRETRAINING.count))
def test_every_group_occurs_in_every_volume(kind, number):
    made = LABELLED[kind](QUICK_PRETRAINING.edge, pretraining.FIRST_SEED + number)
    there = set(np.unique(made.labels))
    assert all(there & set(labels) for labels in made.groups.values())
    assert made.volume.shape == made.labels.shape == (QUICK_PRETRAINING.edge,) * 3


def test_embeddings_come_to_every_voxel_and_no_dropout_disturbs_them():
    torch.manual_seed(0)
    encoder = SliceEncoder(1, 0.5)
    volume = torch.randn(1, 8, 12, 16)
    features = superpixels(encoder, volume, (16, 24, 32))
    assert features.shape == (16, 24, 32, COMPONENTS)
    assert torch.equal(features, superpixels(encoder, volume, (16, 24, 32)))
    spread = features.flatten(0, 2).std(0)
    assert bool((spread[:-1] >= spread[1:] * 0.8).all())
    assert float(spread[0]) > 0


def test_a_volume_without_structure_has_no_embedding():
    assert float(superpixels(SliceEncoder(1, 0.1), torch.zeros(1, 8, 8, 8), (8, 8, 8)).abs().max()) < 1e-3


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_the_share_of_the_variance_is_what_was_asked_for(share):
    torch.manual_seed(1)
    ball = PoincareBall(1.0)
    vectors = seen_from_origin(ball.expmap0(0.3 * torch.randn(6, 6, 6, 3)), ball)
    both = joined(vectors, 7 * torch.randn(6, 6, 6, 2) + 3, share).flatten(0, 2)
    variance = both.var(0, correction=0)
    assert float(variance[3:].sum()) == pytest.approx(share, rel=1e-4)
    assert float(variance[:3].sum()) == pytest.approx(1 - share, rel=1e-4)


def test_points_that_are_the_truth_make_a_good_tree():
    made = nested_spheres(48, 3)
    places = torch.tensor([[-100.0], [10], [20], [30], [19], [31]])
    points = places[torch.from_numpy(made.labels).long()]
    clear = replace(made, volume=Volume((points[..., 0].numpy(),)))
    dice = quietly(group_dice(points, Euclidean(), clear, 64, 0))
    assert set(dice) == set(made.groups)
    large = "outer sphere", "vesicles", "mitochondria"
    assert min(dice[name] for name in large) > 0.9
    assert dice["small cuboids"] > 0.5
    torch.manual_seed(0)
    worse = quietly(group_dice(torch.randn(48, 48, 48, 2), Euclidean(), clear, 64, 0))
    assert all(worse[name] < dice[name] for name in large)
    assert np.mean([worse[name] for name in large]) < np.mean([dice[name] for name in large]) - 0.15


def test_each_volume_is_learned_from_once_and_clustered_in_every_variant(monkeypatch):
    monkeypatch.setattr(pretraining, "LABELLED", {"nested": nested_spheres})
    plan, events = PretrainingPlan(24, 1, 1, 8, (0.2, 0.5), 1), []
    scores = drive(pretraining_scores(plan, "cpu"), events.append)
    assert [(score.variant, score.share) for score in scores] == [
        (DEFAULT, None),
        (VECTORS, None),
        (UNTRAINED, 0.2),
        (UNTRAINED, 0.5),
        (SORTING, 0.2),
        (SORTING, 0.5),
    ]
    assert len({score.seed for score in scores}) == 1
    assert all(0 <= dice <= 1 for score in scores for dice in score.dice.values())
    assert sum(isinstance(event, StageMessage) for event in events) == 1


def test_an_encoder_that_learned_differs_from_one_that_did_not():
    made: Labelled = nested_spheres(24, 3)
    untrained, again, learned = (quietly(pretraining._features(made, 5, steps, "cpu")) for steps in (0, 0, 2))
    assert torch.equal(untrained, again)
    assert not torch.allclose(untrained, learned, atol=1e-3)


def test_the_page_compares_volume_by_volume():
    scores = [
        TreeScore("nested spheres", seed, variant, share, {"whole": whole, "part": 0.5})
        for seed, variant, share, whole in [
            (1, DEFAULT, None, 0.2),
            (1, UNTRAINED, 0.2, 0.5),
            (1, SORTING, 0.2, 0.4),
            (2, DEFAULT, None, 0.6),
            (2, UNTRAINED, 0.2, 0.5),
            (2, SORTING, 0.2, 0.8),
        ]
    ]
    text = pretraining_section(scores, FULL_PRETRAINING)
    assert "### Nested spheres" in text
    assert "|  | all groups | more than the default | more than untrained | whole | part |" in text
    assert f"| {DEFAULT} | 0.450 ± 0.141 | – | – | 0.400 ± 0.283 | 0.500 ± 0.000 |" in text
    assert (
        f"| {SORTING}, 20 % of the variance | 0.550 ± 0.141 | +0.100 ± 0.000 | +0.050 ± 0.141 | 0.600 ± 0.283 |" in text
    )
    assert "| 0.350 | – | – |" in pretraining_section(scores[:3], QUICK_PRETRAINING)
