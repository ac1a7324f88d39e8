"""Corrections sent back from the window: what is offered and refused, and what the other volumes get."""

import shutil

import pytest

from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.jobs import quietly
from napari_hypseg.pipeline.apply_origin import ApplyOrigin
from napari_hypseg.project.project import Project
from napari_hypseg.structures.carried_structures import CarriedState
from napari_hypseg.structures.edits import AddLeaves, MakeStructure, TakeLeaves

PATIENCE = 60_000
SHELL = MakeStructure(name="shell", colour=(1.0, 0.5, 0.0), leaves="2-3", tree=PARTS)


@pytest.fixture
def applied(older, tmp_path):
    """Two projects that were made from a common one, with the same leaves and a structure."""
    folder = tmp_path / "day"
    folder.mkdir()
    common = Project.open(shutil.copytree(older.path, folder / "cell.hypseg"), write=True)
    common.structures.do(SHELL)
    common.close()
    for name in ("one", "two"):
        target = Project.open(shutil.copytree(common.path, folder / f"{name}.hypseg"), write=True)
        state = CarriedState.of(common.structures.annotation, target.structures.annotation, {1: 1})
        origin = ApplyOrigin.of(common, common.segmentation.fingerprint, target)
        origin.with_state(state).write(target, target.training)
        target.close()
    return folder


@pytest.fixture
def panel(qtbot, dock, viewer, applied):
    viewer.layers.clear()
    viewer.open(applied / "one.hypseg", plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None, timeout=PATIENCE)
    return dock.structures


def offers(panel):
    panel._fill_menu()
    return {action.text(): action for action in panel.menu.actions() if action.text().startswith("Send")}


def choose(qtbot, dock, action, button, others=False):
    action.trigger()
    dock.question.checkBox().setChecked(others)
    next(one for one in dock.question.buttons() if one.text() == button).click()
    qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)


def held(path):
    return set(Project.open(path).structures.annotation.leaves(1).nonzero()[0].tolist())


def test_a_correction_is_sent_to_the_common_project_and_to_the_others(qtbot, dock, panel, applied, told):
    structures = dock.model.structures
    (alone,) = offers(panel).values()
    assert (alone.text(), alone.isEnabled()) == ("Send all corrections to cell.hypseg…", False)
    assert "nothing was corrected" in alone.toolTip()
    dock.workspace.structures.activate(1)
    one, everything = offers(panel).values()
    assert (one.text(), one.isEnabled()) == ("Send corrections of shell to cell.hypseg…", False)
    structures.do(AddLeaves(structure=1, leaves="5"))
    structures.do(TakeLeaves(structure=1, leaves="2"))
    one, everything = offers(panel).values()
    assert one.isEnabled()
    assert everything.isEnabled()
    choose(qtbot, dock, one, "Cancel")
    assert held(applied / "cell.hypseg") == {2, 3}
    choose(qtbot, dock, one, "Send", others=True)
    for name in ("cell", "two"):
        assert held(applied / f"{name}.hypseg") == {3, 5}
    assert told() == ["Sent to cell.hypseg: shell: 1 leaf added and 1 leaf taken away."]
    assert not any(action.isEnabled() for action in offers(panel).values())
    assert Project.open(applied / "cell.hypseg").structures.undo_text == "correct shell as in one (+1 \u22121 leaves)"


def test_what_stays_in_another_volume_is_told(qtbot, dock, panel, applied, told):
    other = Project.open(applied / "two.hypseg", write=True)
    other.structures.do(AddLeaves(structure=1, leaves="9"))
    other.close()
    dock.model.structures.do(AddLeaves(structure=1, leaves="5"))
    choose(qtbot, dock, offers(panel)["Send all corrections to cell.hypseg…"], "Send", others=True)
    assert held(applied / "two.hypseg") == {2, 3, 9}
    assert told()[1:] == ["Kept in two.hypseg: shell (it was corrected here)."]


@pytest.mark.parametrize("trouble", ["open", "moved", "learned again"])
def test_it_is_refused_in_one_sentence(qtbot, dock, panel, applied, told, trouble):
    common, holder = applied / "cell.hypseg", None
    dock.model.structures.do(AddLeaves(structure=1, leaves="5"))
    if trouble == "open":
        holder, said = Project.open(common, write=True), "is open for writing in"
    elif trouble == "moved":
        common.rename(applied / "moved.hypseg")
        said = "cell.hypseg any more; say where it is now"
    else:
        from fake_project_jobs import segment

        quietly(segment(None, common, n_leaves=8))
        said = "has other regions than when one.hypseg was made from it"
    choose(qtbot, dock, offers(panel)["Send all corrections to cell.hypseg…"], "Send")
    if holder is not None:
        holder.close()
    (sentence,) = told()
    assert said in sentence
    assert all(action.isEnabled() for action in offers(panel).values()), "it is still to be sent"
