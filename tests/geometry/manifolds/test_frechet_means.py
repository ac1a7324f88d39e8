"""Fréchet means: what defines them, and that many groups at once are the groups one by one."""

import pytest
import torch

from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.frechet_means import group_sums, group_totals, karcher_means, single_group
from napari_hypseg.geometry.manifolds.poincare import PoincareBall


def test_the_mean_is_where_the_logarithms_cancel(points):
    ball, x = points.ball, points.point(200, 5, length=3.0)
    weights = torch.rand(200, generator=points.generator, dtype=points.dtype)
    mean = ball.frechet_mean(x, weights)
    balance = (weights.unsqueeze(-1) * ball.to_frame(mean, ball.logmap(mean, x))).sum(dim=0) / weights.sum()
    points.near(balance, torch.zeros_like(balance), slack=0.5)


def test_no_nearby_point_has_a_smaller_sum_of_squares(points):
    ball, x = points.ball, points.point(50, 3, length=2.0)
    mean = ball.frechet_mean(x)
    steps = ball.from_frame(mean.expand(20, 3), 0.05 * points.vector(20, 3))
    nearby = ball.expmap(mean.expand(20, 3), steps)
    cost = ball.pairwise_dist(nearby, x).square().sum(dim=1)
    assert (cost >= ball.dist(mean, x).square().sum() * (1 - 1e-6)).all()


def test_groups_at_once_are_groups_one_by_one(points):
    ball, x = points.ball, points.point(90, 4)
    assignment = torch.arange(90) % 7
    weights = torch.rand(90, generator=points.generator, dtype=points.dtype)
    together = ball.frechet_means(x, assignment, 8, weights)
    for group in range(7):
        member = assignment == group
        points.near(together[group], ball.frechet_mean(x[member], weights[member]))
    assert (together[7] == 0).all()


def test_two_points_meet_halfway_and_one_stays(points):
    ball, x, y = points.ball, points.point(1, 3), points.point(1, 3)
    middle = ball.expmap(x, ball.logmap(x, y) / 2)
    points.near(ball.frechet_mean(torch.cat([x, y])), middle[0])
    points.near(ball.frechet_mean(x), x[0])


def test_points_spread_over_the_rim_do_not_make_the_step_overshoot(points):
    ball = points.ball
    rim = ball.project(1e3 * points.vector(100, 2))
    mean = ball.frechet_mean(rim)
    gradient = ball.to_frame(mean, ball.logmap(mean, rim)).mean(dim=0).norm()
    assert float(gradient) * ball.curvature**0.5 < 1e-2


@pytest.mark.parametrize("weighted", [False, True])
def test_flat_means_are_averages(weighted):
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(40, 3, generator=generator)
    weights = torch.rand(40, generator=generator) if weighted else None
    share = torch.ones(40) if weights is None else weights
    expected = (share.unsqueeze(-1) * x).sum(dim=0) / share.sum()
    torch.testing.assert_close(Euclidean().frechet_mean(x, weights), expected)


@pytest.mark.parametrize("weighted", [False, True])
def test_sums_without_gradients_are_those_with_them(weighted, dtype):
    generator = torch.Generator().manual_seed(2)
    values = torch.randn(70, 3, generator=generator, dtype=dtype)
    weights = torch.rand(70, generator=generator, dtype=dtype) if weighted else None
    groups = torch.randint(0, 5, (70,), generator=generator)
    fast = group_sums(values, groups, 6, weights)
    torch.testing.assert_close(fast, group_sums(values.clone().requires_grad_(), groups, 6, weights).detach())
    each = torch.ones(70, dtype=dtype) if weights is None else weights
    totals = group_totals(groups, 6, each)
    torch.testing.assert_close(totals, group_totals(groups, 6, each.clone().requires_grad_()).detach())
    assert fast.dtype == totals.dtype == dtype
    assert not fast[5].any()


def test_few_steps_bring_an_elongated_group_to_its_mean():
    ball, generator = PoincareBall(1.0), torch.Generator().manual_seed(3)
    lengths = torch.randn(4000, 1, generator=generator).double()
    points = ball.expmap0(torch.cat([1.2 + lengths, 0.1 * torch.randn(4000, 7, generator=generator)], dim=1))
    exact = ball.frechet_mean(points)
    few = karcher_means(ball, ball.centroids(points, single_group(points), 1), points, single_group(points), steps=3)
    assert float(ball.dist(few[0], exact)) < 1e-3
