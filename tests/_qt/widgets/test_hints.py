"""Lists that are empty say how their first row gets there."""

import numpy as np
from napari._qt.utils import QImg2array

from napari_hypseg._qt.widgets.scrolling import ExpandingList


def drawn(view):
    return QImg2array(view.viewport().grab().toImage())


def test_an_empty_list_says_how_to_fill_it(qtbot):
    bare, hinting = ExpandingList(60), ExpandingList(60, "Nothing yet: press Open.")
    for view in (bare, hinting):
        qtbot.addWidget(view)
        view.resize(200, 60)
    assert not np.array_equal(drawn(hinting), drawn(bare))
    hinting.addItem("one")
    bare.addItem("one")
    assert np.array_equal(drawn(hinting), drawn(bare))
