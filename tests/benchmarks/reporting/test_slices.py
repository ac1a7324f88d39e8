"""Pictures show the three slices at their true proportions, with map and boxes in their colours."""

import numpy as np
from PIL import Image

from benchmarks.reporting.slices import FOUND, LONGEST, TRUE, draw_proposal
from napari_hypseg.volumes import Box, Volume
from napari_hypseg.volumes.proposal import Proposal

BOX = Box((4, 6, 8), (16, 20, 30))


def drawn(path, truth=None, box=BOX, voxel_size=(1.0, 1.0, 1.0), likeness=0.0):
    grey = np.random.default_rng(0).normal(size=(20, 30, 40)).astype(np.float32)
    grey[0, 0, 0] = np.nan
    profiles = tuple(np.ones(n, np.float32) for n in (5, 8, 10))
    proposal = Proposal(box, 0.5, "vote", np.full((5, 8, 10), likeness, np.float32), (4.0, 4.0, 4.0), profiles)
    draw_proposal(path, Volume((grey,), voxel_size), proposal, truth)
    return np.asarray(Image.open(path).convert("RGB"))


def count(pixels, colour):
    return int((pixels == np.array(colour)).all(axis=-1).sum())


def test_the_found_box_is_outlined_in_every_slice(tmp_path):
    pixels = drawn(tmp_path / "new" / "a.png")
    step = LONGEST / 40
    around = 2 * 2 * (12 + 14 + 12 + 22 + 14 + 22) * step
    assert abs(count(pixels, FOUND) / around - 1) < 0.2
    assert count(pixels, TRUE) == 0
    assert count(drawn(tmp_path / "b.png", Box((2, 2, 2), (10, 10, 10))), TRUE) > 100


def test_the_map_tints_what_looks_like_sample(tmp_path):
    plain, tinted = drawn(tmp_path / "a.png"), drawn(tmp_path / "b.png", likeness=1.0)
    red = tinted[..., 0].astype(int) - tinted[..., 2]
    assert (red > 20).mean() > 0.3
    assert ((plain[..., 0].astype(int) - plain[..., 2]) > 20).mean() < 0.1


def test_flat_voxels_make_flat_pictures(tmp_path):
    cubic, flat = drawn(tmp_path / "a.png"), drawn(tmp_path / "b.png", voxel_size=(4.0, 1.0, 1.0))
    assert flat.shape[0] > cubic.shape[0]


def test_a_box_that_leaves_the_volume_is_drawn_as_far_as_it_is_there(tmp_path):
    assert count(drawn(tmp_path / "a.png", box=Box((-5, -5, 8), (90, 90, 30))), FOUND) > 100
