import math

from napari_hypseg.training.budget import Budget
from napari_hypseg.training.divergence import WINDOW, DivergenceDetector


def test_a_pause_costs_no_time(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    budget = Budget(minutes=1, steps=None)
    budget.work()
    now[0] = 15.0
    budget.rest()
    now[0] = 1000.0
    budget.work()
    now[0] = 1015.0
    assert budget.seconds == 30.0
    assert budget.fraction == 0.5
    assert budget.seconds_left == 30.0


def test_steps_count_instead_of_time():
    budget = Budget(minutes=1, steps=4, step=3)
    assert budget.position == (3, 4)
    assert budget.fraction == 0.75


def test_guard_takes_noise_but_not_divergence():
    guard = DivergenceDetector()
    assert not any(guard.has_diverged(1 - 0.01 * i + 0.3 * math.sin(i)) for i in range(200))
    assert any(guard.has_diverged(100.0) for _ in range(WINDOW))
    assert guard.has_diverged(math.nan)
    assert guard.has_diverged(math.inf)
