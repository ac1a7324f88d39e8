import numpy as np
import pytest

from napari_hypseg._qt.widgets.loss_curve import LossCurve


@pytest.fixture
def curve(qtbot):
    curve = LossCurve("dark")
    qtbot.addWidget(curve)
    curve.prepare()
    qtbot.waitUntil(lambda: curve.plot is not None)
    return curve


def test_what_came_before_the_plot_was_made_is_drawn_in_it(qtbot):
    curve = LossCurve("dark")
    qtbot.addWidget(curve)
    curve.add(1, 0.5)
    curve.add(2, 0.25)
    qtbot.waitUntil(lambda: curve.plot is not None)
    assert curve.plot.values() == [0.5, 0.25]


def test_values_are_drawn_as_they_come(curve):
    curve.add(1, 0.5)
    curve.add(2, 0.25)
    curve.add(3, 0.125)
    assert curve.plot.values() == [0.5, 0.25, 0.125]


def test_a_new_run_starts_a_new_curve(curve):
    curve.show_points([(1, 0.5), (2, 0.25)])
    curve.add(0.5, 0.9)
    assert curve.plot.values() == [0.9]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_curve_stands_out_from_its_background(curve, theme):
    curve.add(1, 0.5)
    curve.set_theme(theme)
    back = np.array(curve.plot.backgroundBrush().color().getRgb()[:3], dtype=int)
    front = np.array(curve.plot.getAxis("left").textPen().color().getRgb()[:3], dtype=int)
    assert np.abs(back - front).min() > 100


def test_the_axis_says_its_unit(curve):
    curve.set_axis("time (s)")
    curve.add(1, 0.5)
    assert curve.plot.getAxis("bottom").labelText == "time (s)"
    curve.set_axis("step")
    assert curve.plot.getAxis("bottom").labelText == "step"
