import numpy as np
import pytest

from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.jobs import quietly
from napari_hypseg.particles.classes.align_boxes import align_boxes_job
from napari_hypseg.particles.classes.alignment.settings import AlignmentSettings
from napari_hypseg.particles.classes.class_averages import class_averages
from napari_hypseg.particles.classes.class_table import class_columns

RANDOM = np.random.default_rng(0)
COARSE = AlignmentSettings(references=2, rounds=1, angular_step=60.0, tilt_range=90.0, resolution=3.0)


@pytest.mark.parametrize("edge", [10, 11])
def test_boxes_are_sorted_into_a_record_like_that_of_a_spatial_vae(edge):
    boxes = RANDOM.normal(0, 0.05, (10, edge, edge, edge)).astype(np.float32)
    boxes[:, edge // 2 - 2 : edge // 2 + 3, edge // 2, edge // 2] += 5
    boxes[:, edge // 2 + 2, edge // 2 + 1 : edge // 2 + 3, edge // 2] += 5
    boxes[0, 0, 0, 0] = np.nan
    boxes[9] = 1
    found = quietly(align_boxes_job(boxes, 1, COARSE))
    assert found.classes.tolist() == [1] * 10
    assert found.averages.counts.tolist() == [10]
    assert found.averages.averages.shape == (1, edge, edge, edge)
    assert sorted(found.tree.order()) == list(range(10))
    columns = class_columns(found)
    assert {"rotation_z_deg", "centre_x", "content_2", "doubt", "elbo"} <= set(columns)
    np.testing.assert_array_equal(columns["doubt"], 0)
    assert (columns["elbo"][:9] > 0).all()
    assert columns["elbo"][9] < 0
    turned_back = quietly(class_averages(np.nan_to_num(boxes), found.poses, found.classes)).averages[0]
    inner = (slice(2, -2),) * 3
    assert np.corrcoef(turned_back[inner].ravel(), found.averages.averages[0][inner].ravel())[0, 1] > 0.97


@pytest.mark.parametrize(
    ("shape", "classes", "settings", "message"),
    [
        ((9, 8, 8), 2, {}, "three equal edges"),
        ((9, 8, 8, 9), 2, {}, "three equal edges"),
        ((7, 8, 8, 8), 2, {}, "too few"),
        ((9, 8, 8, 8), 10, {}, "1 to 9"),
        ((9, 8, 8, 8), 2, {"resolution": 6.0}, "at most 4"),
        ((9, 8, 8, 8), 2, {"mask_radius": 6.0}, "larger than boxes of 8 voxels; choose at most 4"),
        ((9, 8, 8, 8), 2, {}, "flat"),
        ((40_000, 24, 24, 24), 2, {}, "bin them"),
    ],
)
def test_what_cannot_be_aligned_is_said(shape, classes, settings, message):
    boxes = np.broadcast_to(np.float32(0), shape)
    with pytest.raises((InputError, SettingError), match=message):
        quietly(align_boxes_job(boxes, classes, AlignmentSettings(**settings)))
