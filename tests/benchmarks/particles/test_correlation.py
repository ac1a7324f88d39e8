import numpy as np
import pytest

from benchmarks.particles.correlation import circular, pearson

ANGLES = np.random.default_rng(0).uniform(0, 2 * np.pi, 4000)
OTHERS = np.random.default_rng(1).uniform(0, 2 * np.pi, 4000)


@pytest.mark.parametrize("sign", [1, -1])
def test_angles_up_to_a_constant_and_a_sign_are_the_same(sign):
    assert circular(ANGLES, sign * ANGLES + 1.3) == pytest.approx(1, abs=0.02)
    assert circular(ANGLES, sign * ANGLES + 1.3 + 4 * np.pi) == pytest.approx(1, abs=0.02)


def test_independent_angles_and_twice_the_angle_are_not():
    assert circular(ANGLES, OTHERS) < 0.05
    assert circular(ANGLES, 2 * ANGLES) < 0.05


def test_half_of_the_angles_half_a_turn_off_is_no_correlation():
    off = np.where(np.arange(4000) % 2, np.pi, 0)
    assert circular(ANGLES, ANGLES + off) < 0.05


def test_about_a_mean_it_is_the_textbooks_coefficient():
    first = np.random.default_rng(2).normal(0.4, 0.3, 4000)
    second = 0.5 * first + np.random.default_rng(3).normal(0, 0.2, 4000)
    a, b = (np.sin(x - np.angle(np.exp(1j * x).mean())) for x in (first, second))
    assert circular(first, second) == pytest.approx((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum()), abs=0.02)


def test_a_constant_has_none():
    assert pearson(np.ones(5), np.arange(5.0)) == 0
    assert circular(np.ones(5), np.arange(5.0)) == 0
    assert pearson(np.arange(5.0), -np.arange(5.0)) == pytest.approx(1)
