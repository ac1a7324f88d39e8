import pytest
import torch
from torch import nn

from napari_hypseg.errors import HypsegError
from napari_hypseg.jobs import Command, Progress, drive, quietly
from napari_hypseg.training.fit_steps import MAX_BAD_STEPS, fit_steps


@pytest.fixture
def line():
    torch.manual_seed(0)
    return nn.Linear(1, 1)


def slope(line):
    """A step that fits y = 3 x."""
    x = torch.linspace(-1, 1, 8)[:, None]

    def step():
        return (line(x) - 3 * x).square().mean(), {"slope": float(line.weight.detach())}

    return step


def test_it_learns_and_tells_running_means(line):
    events = []
    means = drive(fit_steps(line, slope(line), 80, 0.2), events.append)
    assert float(line.weight.detach()) == pytest.approx(3, abs=0.2)
    assert [event.step for event in events] == list(range(1, 81))
    assert {event.stage for event in events} == {"learn"}
    assert {event.total for event in events} == {80}
    assert means == events[-1].metrics
    assert set(means) == {"loss", "slope"}
    assert events[0].metrics["loss"] > means["loss"], "the mean follows the loss"
    assert not line.training, "ready to look"


def test_stop_ends_it_with_what_was_learned(line):
    steps = []

    def until_three(event: Progress):
        steps.append(event.step)
        return Command.STOP if event.step == 3 else None

    means = drive(fit_steps(line, slope(line), 1000, 0.1), until_three)
    assert steps == [1, 2, 3]
    assert means["loss"] > 0
    assert not line.training


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_is_one_sentence(line, bad):
    told = []
    with pytest.raises(HypsegError, match=r"^[^\n]*did not settle[^\n]*\.$"):
        drive(fit_steps(line, lambda: (line(torch.ones(1, 1)).sum() * bad, {}), 1000, 0.1), told.append)
    assert len(told) == MAX_BAD_STEPS
    assert all(parameter.isfinite().all() for parameter in line.parameters()), "bad steps are not taken"


def test_a_single_bad_step_is_passed_over(line):
    good, count = slope(line), iter(range(100))

    def step():
        loss, metrics = good()
        return (loss * float("nan"), {"slope": float("nan")}) if next(count) == 5 else (loss, metrics)

    means = quietly(fit_steps(line, step, 30, 0.1))
    assert all(value == value for value in means.values())
    assert line.weight.isfinite().all()
