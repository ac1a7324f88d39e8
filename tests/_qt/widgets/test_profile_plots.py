import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent, QWheelEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QVBoxLayout, QWidget

from napari_hypseg._qt.widgets.profile_plots import ProfilePlots
from napari_hypseg.volumes import Box

SHAPE = (40, 60, 101)
BOX = Box((10, 20, 30), (30, 50, 90))
STEP = (4.0, 4.0, 4.0)
PROFILES = tuple(np.linspace(0, 1, -(-n // 4), dtype=np.float32) for n in SHAPE)


@pytest.fixture
def told():
    return []


@pytest.fixture
def profiles(qtbot, told):
    """The plots with a finding, as wide as in the dock."""
    profiles = ProfilePlots("dark")
    profiles.box_changed.connect(told.append)
    qtbot.addWidget(profiles)
    profiles.setFixedWidth(330)
    profiles.show_profiles(PROFILES, STEP, SHAPE, BOX)
    profiles.show()
    qtbot.waitUntil(lambda: len(profiles.plots) == 3)
    qtbot.wait(50)
    return profiles


def _numbers(profiles):
    return [(numbers.first.value(), numbers.last.value()) for numbers in profiles.ranges]


def _drag(plot, start, stop, height=0.5):
    """Press at voxel `start` of a plot, move to `stop` and let go."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    way = [("MouseButtonPress", start, left, left), ("MouseButtonRelease", stop, left, none)]
    way[1:1] = [("MouseMove", voxel, none, left) for voxel in np.linspace(start, stop, 6)]
    for kind, voxel, button, held in way:
        place = QPointF(plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(voxel, height))))
        everywhere = plot.viewport().mapToGlobal(place)
        event = QMouseEvent(getattr(QEvent.Type, kind), place, everywhere, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(plot.viewport(), event)
        QTest.qWait(15)  # pyqtgraph takes up a hundred moves a second


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("end", ["start", "stop"])
def test_dragging_an_end_changes_that_end_of_the_box(profiles, told, axis, end):
    side = getattr(BOX, end)[axis] - 0.5
    _drag(profiles.plots[axis], side, side + 5)
    box = told[-1]
    assert getattr(box, end)[axis] == pytest.approx(getattr(BOX, end)[axis] + 5, abs=1)  # a pixel is not a voxel
    same = [getattr(box, e)[a] == getattr(BOX, e)[a] for e in ("start", "stop") for a in range(3)]
    assert same.count(False) == 1
    assert _numbers(profiles) == [(a, b - 1) for a, b in zip(box.start, box.stop, strict=True)]


def test_ends_stay_in_the_grid_and_apart(profiles, told):
    plot = profiles.plots[0]
    _drag(plot, 9.5, 38)
    assert told[-1] == Box((29, 20, 30), (30, 50, 90))
    _drag(plot, 29.5, 60)
    assert told[-1] == Box((29, 20, 30), (40, 50, 90))
    profiles.set_box(BOX)
    _drag(plot, 9.5, -30)
    assert told[-1] == Box((0, 20, 30), (30, 50, 90))


def test_pressing_between_the_ends_moves_nothing(profiles, told):
    _drag(profiles.plots[0], 20, 26)
    assert told == []


def test_numbers_are_edited_with_the_keyboard(qtbot, profiles, told):
    numbers = profiles.ranges[1]
    numbers.first.setFocus()
    qtbot.keyClick(numbers.first, Qt.Key.Key_Up)
    assert told == [Box((10, 21, 30), (30, 50, 90))]
    numbers.last.selectAll()
    for key in "55":
        qtbot.keyClick(numbers.last, key)
    assert len(told) == 1  # 5 was on the way to 55
    qtbot.keyClick(numbers.last, Qt.Key.Key_Return)
    assert told[1:] == [Box((10, 21, 30), (30, 56, 90))]
    assert profiles.plots[1]._region.getRegion() == (20.5, 55.5)


def test_the_numbers_know_the_grid_and_each_other(profiles, told):
    numbers = profiles.ranges[2]
    numbers.first.setValue(1000)
    numbers.last.setValue(1000)
    assert told == [Box((10, 20, 89), (30, 50, 90)), Box((10, 20, 89), (30, 50, 101))]
    numbers.last.setValue(-5)
    assert told[-1] == Box((10, 20, 89), (30, 50, 90))


def test_a_box_from_elsewhere_is_shown_and_not_echoed(profiles, told):
    profiles.set_box(Box((0, 0, 0), (40, 60, 1)))
    assert _numbers(profiles) == [(0, 39), (0, 59), (0, 0)]
    assert [plot._region.getRegion() for plot in profiles.plots] == [(-0.5, 39.5), (-0.5, 59.5), (-0.5, 0.5)]
    profiles.show_profiles(None, STEP, (7, 8, 9), Box.whole((7, 8, 9)))
    assert _numbers(profiles) == [(0, 6), (0, 7), (0, 8)]
    assert told == []


def test_the_curve_lies_over_the_voxels_it_speaks_of(profiles):
    for plot, certainty, n in zip(profiles.plots, PROFILES, SHAPE, strict=True):
        edges, values = plot._curve.getOriginalDataset()
        np.testing.assert_array_equal(values, certainty)
        assert (edges[0], edges[1], edges[-1]) == (-0.5, 3.5, n - 0.5)  # the last slab reaches beyond the grid


def test_one_slice_is_no_range_to_choose(profiles, told):
    one = (np.ones(1, dtype=np.float32), *PROFILES[1:])
    profiles.show_profiles(one, STEP, (1, *SHAPE[1:]), Box.whole((1, *SHAPE[1:])))
    _drag(profiles.plots[0], -0.5, 0.4)
    profiles.ranges[0].first.setValue(3)
    assert told == []


def test_cleared_it_is_blank_and_off_and_comes_back(profiles, told):
    profiles.clear()
    assert not profiles.isEnabled()
    assert not any(item.isVisible() for plot in profiles.plots for item in (plot._region, plot._curve))
    profiles.show_profiles(PROFILES, STEP, SHAPE, BOX)
    assert profiles.isEnabled()
    assert all(item.isVisible() for plot in profiles.plots for item in (plot._region, plot._curve))
    assert _numbers(profiles) == [(10, 29), (20, 49), (30, 89)]
    assert told == []


def test_the_wheel_scrolls_the_panel_and_changes_no_number(profiles, told):
    number = profiles.ranges[0].first
    number.clearFocus()
    where, down = QPointF(number.rect().center()), QPoint(0, -120)
    event = QWheelEvent(
        where, number.mapToGlobal(where), down, down, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(number, event)
    assert not event.isAccepted()
    assert told == []


def test_each_control_says_what_it_does_to_the_picture(profiles):
    controls = [*profiles.plots, *(n for r in profiles.ranges for n in (r.first, r.last))]
    assert all("in the picture" in control.toolTip() for control in controls)
    assert len({control.toolTip() for control in controls}) == len(controls)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_in_a_window_it_is_narrow_low_and_readable(make_napari_viewer, qtbot, theme):
    viewer = make_napari_viewer(show=True)
    viewer.theme = theme
    dock, profiles = QWidget(), ProfilePlots("light" if theme == "dark" else "dark")
    QVBoxLayout(dock).addWidget(profiles)
    viewer.window.add_dock_widget(dock)
    dock.setFixedWidth(340)
    profiles.show_profiles(PROFILES, STEP, SHAPE, BOX)
    profiles.set_theme(theme)
    qtbot.waitUntil(lambda: len(profiles.plots) == 3)
    qtbot.wait(100)
    assert profiles.sizeHint().height() < 230
    assert profiles.minimumSizeHint().width() <= 330
    assert all(plot.height() == 54 for plot in profiles.plots)
    image = profiles.plots[0].grab().toImage()
    column = [image.pixelColor(image.width() - 4, row).lightness() for row in range(40)]  # the curve is at 1 here
    assert max(column) - min(column) > 80
