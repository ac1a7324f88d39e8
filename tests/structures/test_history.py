import numpy as np
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.cuts import checked_cut
from napari_hypseg.structures.edits import AddLeaves, RenameStructure, edit_from
from napari_hypseg.structures.history import History
from napari_hypseg.structures.local_cut import locally_cut
from napari_hypseg.structures.structure_arrays import OwnerArray
from tests.structures.conftest import N_LEAVES, edit_at_random


def state(annotation):
    """All that an annotation holds, to be compared."""
    cubes = {place: cube.tobytes() for place, cube in annotation.painting.cubes.items()}
    junk = dict(annotation.junk)
    return (annotation.owners.tolist(), dict(annotation.structures), cubes, dict(annotation.local_cuts), junk)


@pytest.mark.parametrize("seed", range(4))
def test_undoing_all_and_redoing_all_is_the_identity(history, trees, tree, seed):
    empty = state(history.annotation)
    edit_at_random(seed, 200, history, tree)
    states, last = [state(history.annotation)], state(history.annotation)
    for _ in range(200):
        states.append(state(history.undo()))
    assert states[-1] == empty
    with pytest.raises(SettingError, match="nothing to undo"):
        history.undo()
    for before in states[-2::-1]:
        assert state(history.redo()) == before
    assert state(history.annotation) == last
    again = History(N_LEAVES, trees)
    again.replay(edit_from(step.edit.model_dump(mode="json")) for step in history.done)
    assert state(again.annotation) == last


@pytest.mark.parametrize("seed", range(4))
def test_every_state_partitions_the_voxels_and_its_cut_covers_each_leaf_once(history, tree, leaves, seed):
    rng = np.random.default_rng(seed)
    for n_edits in range(10, 130, 10):
        edit_at_random(seed + n_edits, n_edits, history, tree)
        annotation = history.annotation
        owners = OwnerArray(leaves, annotation)[:]
        assert np.isin(owners, [0, *annotation.structures]).all()
        assert set(annotation.owners.tolist()) <= {0, *annotation.structures}
        cut = locally_cut(tree, int(rng.integers(1, N_LEAVES + 1)), annotation.local_cut("parts"))
        checked_cut(tree, cut.nodes)
        covered = np.concatenate([tree.leaves_of(node) for node in cut.nodes])
        assert np.sort(covered).tolist() == list(range(N_LEAVES))


def test_every_step_says_what_undo_and_redo_would_do(history, make):
    assert (history.undo_text, history.redo_text) == (None, None)
    shell = make("shell", [0, 1])
    history.do(AddLeaves(structure=shell, leaves="2", tree="parts", nodes=(2,)))
    assert history.undo_text == "add node 2 to shell"
    history.undo()
    assert (history.undo_text, history.redo_text) == ("make shell", "add node 2 to shell")
    history.do(RenameStructure(structure=shell, name="envelope"))
    assert (history.undo_text, history.redo_text) == ("rename shell to envelope", None)
    with pytest.raises(SettingError, match="nothing to redo"):
        history.redo()


def test_an_edit_that_cannot_be_done_changes_nothing(history, make):
    shell = make("shell", [0, 1])
    before = state(history.annotation)
    with pytest.raises(SettingError, match="shell holds all of this already"):
        history.do(AddLeaves(structure=shell, leaves="0"))
    assert state(history.annotation) == before
    assert history.undo_text == "make shell"


@pytest.mark.parametrize("seed", range(2))
def test_any_state_is_gone_to_as_if_step_by_step(history, trees, tree, seed):
    edit_at_random(seed, 150, history, tree)
    texts = [step.text for step in (*history.done, *history.undone)]
    edits = [step.edit for step in (*history.done, *history.undone)]
    again = History(N_LEAVES, trees)
    states = [state(again.annotation), *(state(again.do(edit)) for edit in edits)]
    assert len(states) > 80
    for n_done in np.random.default_rng(seed).permutation(len(states)).tolist():
        assert state(history.go_to(n_done)) == states[n_done]
        assert [step.text for step in (*history.done, *history.undone)] == texts
        assert len(history.done) == n_done
    with pytest.raises(SettingError, match=f"There are {len(edits)} edits to go to, not -1"):
        history.go_to(-1)
