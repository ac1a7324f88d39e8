"""K-means on a manifold: planted groups, nearest centroids, and what happens when points run out."""

import pytest
import torch

from napari_hypseg.clustering import kmeans_init
from napari_hypseg.clustering.kmeans import kmeans, kmeans_labels, nearest_centroid
from napari_hypseg.errors import SettingError
from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.jobs import Command, Progress, drive, quietly

MANIFOLDS = [PoincareBall(0.1), PoincareBall(1.0), PoincareBall(2.0), Euclidean()]
each_manifold = pytest.mark.parametrize("manifold", MANIFOLDS, ids=str)


def _generator(seed=0):
    return torch.Generator().manual_seed(seed)


def _planted(manifold, each=80, width=0.1):
    """Groups about six centres along the axes of space, and the group of each point."""
    centres = manifold.expmap0(0.9 * torch.cat([torch.eye(3), -torch.eye(3)]))
    base = centres.repeat_interleave(each, dim=0)
    noise = width * torch.randn(6 * each, 3, generator=_generator(5))
    return manifold.expmap(base, manifold.from_frame(base, noise)), torch.arange(6).repeat_interleave(each), centres


@each_manifold
def test_planted_groups_are_found(manifold):
    points, truth, centres = _planted(manifold)
    found = quietly(kmeans(points, 6, manifold, _generator()))
    labels = nearest_centroid(points, found.points, manifold)
    pairs = torch.stack([truth, labels], dim=1).unique(dim=0)
    assert len(pairs) == 6
    assert found.counts.tolist() == [80] * 6
    assert (manifold.pairwise_dist(centres, found.points).amin(dim=1) < 0.1).all()


@each_manifold
def test_prototypes_are_the_frechet_means_of_their_groups(manifold):
    points, _, _ = _planted(manifold, width=0.6)
    found = quietly(kmeans(points, 5, manifold, _generator(), iterations=100))
    labels = nearest_centroid(points, found.points, manifold)
    means = manifold.frechet_means(points, labels, 5)
    assert (manifold.dist(found.points, means) < 0.02).all()


@each_manifold
@pytest.mark.parametrize("pairs", [None, 1, 37])
def test_assignment_is_to_the_nearest_in_whatever_portions(manifold, pairs):
    points, _, _ = _planted(manifold, width=0.8)
    centroids = points[::31]
    labels = nearest_centroid(points, centroids, manifold, pairs)
    assert labels.dtype == torch.int64
    distances = manifold.pairwise_dist(points, centroids)
    torch.testing.assert_close(distances.gather(1, labels[:, None])[:, 0], distances.amin(dim=1), rtol=1e-3, atol=1e-3)


def test_no_points_have_no_nearest():
    assert nearest_centroid(torch.zeros(0, 3), torch.zeros(4, 3), Euclidean()).shape == (0,)


def test_a_small_distant_group_gets_its_own_prototype():
    ball, generator = PoincareBall(1.0), _generator(1)
    crowd = ball.expmap0(0.2 * torch.randn(4000, 4, generator=generator))
    few = ball.expmap0(torch.tensor([[1.5, 0.0, 0.0, 0.0]]) + 0.05 * torch.randn(20, 4, generator=generator))
    found = quietly(kmeans(torch.cat([crowd, few]), 24, ball, _generator()))
    labels = nearest_centroid(few, found.points, ball)
    assert (labels == labels[0]).all()
    assert int(found.counts[labels[0]]) == 20


def test_the_same_seed_gives_the_same_prototypes():
    points, _, _ = _planted(PoincareBall(1.0), width=0.7)
    first, again, other = (quietly(kmeans(points, 12, PoincareBall(1.0), _generator(seed))) for seed in (0, 0, 1))
    assert torch.equal(first.points, again.points)
    assert torch.equal(first.counts, again.counts)
    assert not torch.equal(first.points, other.points)


def test_prototypes_without_points_are_put_to_use():
    points, _, _ = _planted(PoincareBall(1.0))
    start = points[:1].repeat(6, 1)
    found = quietly(kmeans(points, 6, PoincareBall(1.0), _generator(), init=start))
    assert int(found.counts.min()) > 0


def test_a_given_start_is_where_it_starts():
    points, truth, centres = _planted(Euclidean())
    found = quietly(kmeans(points, 6, Euclidean(), _generator(), init=centres))
    assert torch.equal(nearest_centroid(points, found.points, Euclidean()), truth)


def test_weights_pull_the_mean():
    points = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    found = quietly(kmeans(points, 1, Euclidean(), _generator(), weights=torch.tensor([1.0, 3.0])))
    torch.testing.assert_close(found.points, torch.tensor([[0.75, 0.0]]))


@each_manifold
def test_a_weight_is_a_number_of_equal_points(manifold):
    points, _, _ = _planted(manifold, width=0.6)
    often = torch.arange(len(points)) % 3
    start = points[::70]
    once = quietly(kmeans(points, len(start), manifold, _generator(), weights=often.float(), init=start))
    repeated = points.repeat_interleave(often, dim=0)
    each = quietly(kmeans(repeated, len(start), manifold, _generator(), init=start))
    torch.testing.assert_close(once.points, each.points, rtol=0, atol=1e-4)


@each_manifold
def test_what_has_no_weight_is_no_start(manifold):
    points, truth, _ = _planted(manifold)
    starts = quietly(kmeans_init.kmeans_init(points, 3, manifold, _generator(), (truth == 2).float()))
    assert (nearest_centroid(starts, points, manifold) // 80 == 2).all()


@each_manifold
def test_points_that_do_not_differ_are_no_accident(manifold):
    points = manifold.expmap0(torch.full((50, 3), 0.3))
    found = quietly(kmeans(points, 4, manifold, _generator()))
    assert torch.isfinite(found.points).all()
    assert int(found.counts.sum()) == 50


def test_as_many_prototypes_as_points():
    points, _, _ = _planted(PoincareBall(1.0), each=5)
    found = quietly(kmeans(points, len(points), PoincareBall(1.0), _generator()))
    assert found.counts.tolist() == [1] * len(points)


def test_more_leaves_than_points_is_said_in_one_sentence():
    with pytest.raises(SettingError, match="9 leaves cannot be made from 8 points; lower the leaves setting"):
        quietly(kmeans(torch.zeros(8, 2), 9, Euclidean(), _generator()))


def test_very_many_prototypes_start_from_random_points(monkeypatch):
    monkeypatch.setattr(kmeans_init, "MAX_GREEDY", 3)
    points, _, _ = _planted(PoincareBall(1.0), width=0.5)
    starts = quietly(kmeans_init.kmeans_init(points, 40, PoincareBall(1.0), _generator()))
    assert len(starts.unique(dim=0)) == 40
    assert (PoincareBall(1.0).pairwise_dist(starts, points).amin(dim=1) < 1e-15).all()


def test_progress_is_reported_and_a_stop_keeps_what_there_is():
    points, _, _ = _planted(PoincareBall(1.0), width=0.8)
    events = []

    def stop_in_the_first_round(event):
        events.append(event)
        return Command.STOP if event.total else None

    found = drive(kmeans(points, 30, PoincareBall(1.0), _generator(), iterations=50), stop_in_the_first_round)
    assert all(isinstance(event, Progress) and event.stage == "cluster" for event in events)
    assert {event.step for event in events if event.total} == {0, 50}
    assert int(found.counts.sum()) == len(points)


def test_groups_are_found_anew_for_each_number():
    generator = torch.Generator().manual_seed(0)
    centres = torch.tensor([[0.7, 0.0], [0.6, 0.3], [-0.8, 0.0], [0.0, -0.8]])
    truth = torch.arange(4).repeat_interleave(200)
    points = centres[truth] + 0.01 * torch.randn(800, 2, generator=generator)
    for k, same in ((2, None), (3, {(0, 1)}), (4, set())):
        labels = quietly(kmeans_labels(points, k, PoincareBall(1.0), torch.Generator().manual_seed(1)))
        assert labels.dtype == torch.int64
        assert set(labels.tolist()) == set(range(k))
        found = [int(labels[truth == group].unique()) for group in range(4)]
        if same is not None:
            assert {(a, b) for a in range(4) for b in range(a + 1, 4) if found[a] == found[b]} == same


def test_the_same_seed_gives_the_same_labels():
    points = torch.rand(300, 2, generator=torch.Generator().manual_seed(0)) - 0.5
    first, second = (
        quietly(kmeans_labels(points, 5, PoincareBall(1.0), torch.Generator().manual_seed(1))) for _ in range(2)
    )
    assert torch.equal(first, second)


def test_more_labels_than_points_are_refused():
    with pytest.raises(SettingError):
        quietly(kmeans_labels(torch.zeros(3, 2), 4, PoincareBall(1.0), torch.Generator()))
