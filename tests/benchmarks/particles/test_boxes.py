import numpy as np
import pytest
import torch

from benchmarks.particles.boxes import posed_boxes, rotation_errors
from napari_hypseg.nn.spatial.alignment import align
from napari_hypseg.nn.spatial.pose_posterior import Pose
from napari_hypseg.nn.spatial.pose_space import POSE_SPACES


@pytest.mark.parametrize("rotations", ["axis", "space"])
def test_boxes_lie_as_they_say(rotations):
    made = posed_boxes(12, 20, 1e9, rotations, 0)
    pose = Pose(torch.from_numpy(made.rotations).float(), torch.zeros(12, 3))
    back = align(torch.from_numpy(made.boxes), pose).numpy()[:, 5:-5, 5:-5, 5:-5]
    for kind in (0, 1):
        same = back[made.kinds == kind]
        assert np.abs(same - same[0]).max() < 0.1 * np.ptp(made.boxes)
    assert np.abs(back[made.kinds == 0][0] - back[made.kinds == 1][0]).max() > 0.15 * np.ptp(made.boxes)


def test_errors_are_up_to_one_rotation_of_the_content():
    random = POSE_SPACES["space"].random
    true, content = (random(n, torch.Generator().manual_seed(n)).double().numpy() for n in (40, 1))
    np.testing.assert_allclose(rotation_errors(true @ content, true), 0, atol=0.1)
    off = POSE_SPACES["axis"].matrix(torch.tensor([[np.radians(30.0)]])).double().numpy()
    found = np.where(np.arange(40)[:, None, None] < 4, true @ off, true) @ content
    errors = rotation_errors(found, true)
    assert np.median(errors) < 5
    assert errors[:4].min() > 20
