import numpy as np

from napari_hypseg.structures import structure_sizes as module
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.edits import MakeStructure, PaintVoxels
from napari_hypseg.structures.structure_sizes import StructureSizes
from napari_hypseg.structures.voxel_runs import encode_runs, runs_of

SHAPE = (4, 40, 80)


class Read:
    """Leaf ids that count how often they are read."""

    def __init__(self, values):
        self.values, self.shape, self.dtype, self.times = values, values.shape, values.dtype, 0

    def __getitem__(self, index):
        self.times += 1
        return self.values[index]


def strokes(count):
    """States after one structure was made and painted `count` times, on two leaves side by side."""
    states = [MakeStructure(name="shell", colour=(1.0, 0.0, 0.0), leaves="0").apply(Annotation.empty(2), {})]
    for number in range(count):
        voxels = encode_runs(runs_of(np.arange(60, 70) + 80 * number))
        states.append(PaintVoxels(structure=1, specimen=0, shape=SHAPE, voxels=voxels).apply(states[-1], {}))
    return states


def leaves():
    return np.broadcast_to(np.where(np.arange(80) < 40, 1, 2), SHAPE).astype(np.uint16)


def test_a_state_that_comes_again_is_counted_without_reading():
    ids, states = Read(leaves()), strokes(5)
    sizes = StructureSizes(np.bincount(ids.values.ravel())[1:], [ids])
    counted = [sizes.whole(state)[1] for state in states]
    assert counted == [6400 + 10 * number for number in range(6)]
    read = ids.times
    assert [sizes.whole(state)[1] for state in reversed(states)] == counted[::-1]
    assert ids.times == read


def test_of_many_states_the_latest_are_kept_and_all_are_counted_right(monkeypatch):
    monkeypatch.setattr(module, "KEPT", 2)
    ids, states = Read(leaves()), strokes(6)
    sizes = StructureSizes(np.bincount(ids.values.ravel())[1:], [ids])
    for state in (*states, *reversed(states)):
        painted = np.count_nonzero([cube > 0 for cube in state.painting.cubes.values()])
        assert sizes.whole(state)[1] == 6400 + painted
    assert len(sizes._cubes) <= 2
