import numpy as np
import pytest

pytest.importorskip("SimpleITK")

from napari_hypseg.jobs import Notice
from napari_hypseg.pipeline.label_maps import LabelMap
from napari_hypseg.pipeline.learn_prior import learn_prior
from napari_hypseg.pipeline.mirror_symmetry import mirror_partners
from napari_hypseg.training.prior_settings import PriorSettings
from napari_hypseg.volumes import Volume

CENTRES = {
    1: (10, 20, 8),
    2: (10, 20, 24),
    3: (20, 30, 5),
    4: (20, 30, 27),
    5: (28, 8, 10),
    6: (28, 8, 22),
    7: (8, 8, 16),
}
PARTNERS = {1: 2, 2: 1, 3: 4, 4: 3, 5: 6, 6: 5, 7: 7}


def label_map(centres, tilt=0.0, sizes=None, edge=1.0):
    """A label map of which only the centres and the numbers of voxels are known; leant by `tilt` in the plane y, x."""
    turn = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    volume = Volume(channels=(np.zeros((40, 40, 40), np.uint8),), voxel_size=(edge,) * 3, unit="millimeter", name="m")
    placed = {code: turn @ np.array(centre, float) / edge for code, centre in centres.items()}
    return LabelMap(volume, sizes or dict.fromkeys(centres, 100), placed)


@pytest.mark.parametrize("tilt", [0.0, 0.25])
def test_pairs_are_found_also_where_a_specimen_lies_askew(tilt):
    assert mirror_partners([label_map(CENTRES), label_map(CENTRES, tilt, edge=0.5)]) == PARTNERS


def test_no_pairs_where_left_and_right_differ():
    moved = {**CENTRES, 2: (26, 32, 30)}
    assert mirror_partners([label_map(moved)]) is None
    larger = {**dict.fromkeys(CENTRES, 100), 2: 300}
    assert mirror_partners([label_map(CENTRES, sizes=larger)]) is None
    assert mirror_partners([label_map(CENTRES), label_map(moved)]) is None


def test_no_pairs_where_a_map_lacks_a_label_or_labels_are_few():
    fewer = {code: centre for code, centre in CENTRES.items() if code != 7}
    assert mirror_partners([label_map(fewer)]) == {code: PARTNERS[code] for code in fewer}
    assert mirror_partners([label_map(CENTRES), label_map(fewer)]) is None
    assert mirror_partners([label_map({code: CENTRES[code] for code in (1, 2, 3, 4, 7)})]) is None


def blocks():
    """A label map of cubes about `CENTRES`, those of the right side longer along z."""
    made = np.zeros((40, 40, 32), np.uint8)
    for code, (z, y, x) in CENTRES.items():
        half = 5 if code in (2, 4, 6) else 3
        made[z - half : z + half, y - 3 : y + 3, x - 3 : x + 3] = code
    return Volume(channels=(made,), voxel_size=(1.0,) * 3, unit="millimeter", name="blocks")


def learned(volume, **settings):
    job = learn_prior([volume], PriorSettings(grid=32, steps=1, deformation=0.0, **settings), device="cpu")
    said = []
    while True:
        try:
            said.append(next(job))
        except StopIteration as stop:
            return stop.value, [one.message for one in said if isinstance(one, Notice)]


def test_what_is_on_one_side_is_expected_on_the_other():
    """Each label may be as long as its partner, and is still on its own side."""
    prior, notices = learned(blocks())
    alone, quiet = learned(blocks(), mirror=False)
    assert "3 pairs of labels" in notices[0]
    assert quiet == []
    assert [label.volume for label in prior.labels] == [label.volume for label in alone.labels]
    both, one = ((each.weights["log_location"].exp() > 0.2).float() for each in (prior, alone))
    for left, right in ((1, 2), (3, 4), (5, 6)):
        assert one[right].sum() > 1.4 * one[left].sum()
        assert (both[left].sum() / both[right].sum()).item() == pytest.approx(1, abs=0.1)
        assert both[left].sum(dim=(0, 1)).argmax() < both[right].sum(dim=(0, 1)).argmax()
