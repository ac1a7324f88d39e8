"""Apply to other volumes: refused with a reason, told volume by volume, and where to look first."""

from pathlib import Path

import numpy as np
import pytest

from napari_hypseg._qt.panels.doubt_list import DoubtList
from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.project.doubtful_regions import KEY, DoubtfulRegion
from napari_hypseg.structures.edits import MakeStructure

SHELL = MakeStructure(name="shell", colour=(1.0, 0.5, 0.0), leaves="2-3", tree=PARTS)


def test_volumes_are_named_one_a_line_and_each_is_told(qtbot, dock, train, tmp_path):
    train()
    dock.explore.apply.click()
    dialog = dock.apply_dialog
    qtbot.addWidget(dialog)
    assert "nothing is named yet" in dialog.start.toolTip()
    dock.model.structures.do(SHELL)
    dialog.refresh()
    assert "no volume is named" in dialog.start.toolTip()
    dialog.volumes.setPlainText("one.mrc\n\n broken.mrc\n")
    dialog.out.setText(str(tmp_path / "many"))
    assert dialog.start.isEnabled()
    dialog.start.click()
    assert not dialog.start.isEnabled()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=60_000)
    assert dialog.told.text().splitlines() == ["one is done.", "broken is done.", "broken.mrc cannot be read."]
    assert Path(dialog.out.text()).is_dir()
    assert dialog.reveal.isEnabled()


def test_doubtful_regions_are_listed_and_shown_in_the_world(qtbot, dock, train):
    train()
    assert not dock.explore.doubtful.isVisibleTo(dock.explore)
    project, records = dock.model.project, dock.model.project.segmentation.record
    found = [DoubtfulRegion((2, 3, 4), 500, 0.31), DoubtfulRegion((1, 1, 1), 20, 0.4)]
    records[KEY] = [one.as_json() for one in found]
    doubts = DoubtList(dock.model)
    qtbot.addWidget(doubts)
    assert [doubts.item(row).text() for row in range(doubts.count())] == [
        "500 voxels, certainty 31%",
        "20 voxels, certainty 40%",
    ]
    with qtbot.waitSignal(doubts.place_chosen) as chosen:
        doubts.itemClicked.emit(doubts.item(0))
    record = project.records[0]
    assert chosen.args[0] == pytest.approx(np.array(record.origin) + np.array((2, 3, 4)) * record.voxel_size)
