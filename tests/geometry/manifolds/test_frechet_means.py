"""Fréchet means: what defines them, and that many groups at once are the groups one by one."""

import pytest
import torch

from napari_hypseg.geometry.manifolds.euclidean import Euclidean


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
