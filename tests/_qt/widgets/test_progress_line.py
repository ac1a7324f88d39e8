"""The line that says how far work is."""

from napari_hypseg._qt.widgets.progress_line import ProgressLine
from napari_hypseg.jobs import Progress


def test_the_bar_stands_still_where_nobody_knows_how_far_the_work_is(qtbot):
    line = ProgressLine()
    qtbot.addWidget(line)
    line.show_progress(Progress("prepare", 5, 0))
    assert line.bar.maximum() > 0, "Qt moves a bar without an end sixty times a second"
    assert line.bar.value() == 0
    line.show_progress(Progress("prepare", 1, 2))
    assert line.bar.value() == line.bar.maximum() / 2
