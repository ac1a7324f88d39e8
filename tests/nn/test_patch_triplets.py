"""Where wholes and parts are cut: inside, beside, and within what there is."""

import numpy as np
import pytest
import torch

from napari_hypseg.nn.patch_triplets import (
    CHILD_EDGES,
    EDGE,
    PARENT_EDGES,
    draw_triplets,
    place_triplet,
    resize_patches,
)
from napari_hypseg.volumes import Box

DRAWS = 300


@pytest.mark.parametrize("shape", [(52, 52, 52), (8, 8, 8), (12, 12, 12), (9, 40, 20), (60, 10, 33)])
def test_parts_lie_inside_and_beside_their_whole(shape):
    random = np.random.default_rng(0)
    grid = Box.whole(shape)
    for _ in range(DRAWS):
        parent, child, negative = place_triplet(shape, random)
        whole, part = parent.shape[0], child.shape[0]
        assert (set(parent.shape), set(child.shape), set(negative.shape)) == ({whole}, {part}, {part})
        assert PARENT_EDGES[0] <= whole < PARENT_EDGES[1]
        assert CHILD_EDGES[0] <= part < min(CHILD_EDGES[1], whole - 1)
        assert all(box.intersect(grid) == box for box in (parent, child, negative))
        assert child.intersect(parent) == child
        assert negative.intersect(parent).size == 0


def test_all_published_sizes_are_drawn_and_children_are_anywhere_inside():
    random = np.random.default_rng(0)
    drawn = [place_triplet((52, 52, 52), random) for _ in range(3000)]
    assert {parent.shape[0] for parent, _, _ in drawn} == set(range(*PARENT_EDGES))
    assert {child.shape[0] for _, child, _ in drawn} == set(range(*CHILD_EDGES))
    below = [child.start[0] - parent.start[0] for parent, child, _ in drawn]
    above = [parent.stop[0] - child.stop[0] for parent, child, _ in drawn]
    assert min(below) == min(above) == 0
    assert np.mean(below) == pytest.approx(np.mean(above), rel=0.1)
    before = np.mean([[s.stop[axis] <= p.start[axis] for p, _, s in drawn] for axis in range(3)])
    after = np.mean([[s.start[axis] >= p.stop[axis] for p, _, s in drawn] for axis in range(3)])
    assert before == pytest.approx(after, rel=0.1)


def test_patches_are_what_stands_there():
    places = torch.stack(torch.meshgrid(*[torch.arange(20.0)] * 3, indexing="ij")).expand(5, -1, -1, -1, -1)
    drawn = draw_triplets(places, torch.Generator().manual_seed(3))
    assert all(patches.shape == (5, 3, EDGE, EDGE, EDGE) for patches in drawn)
    parents, children, negatives = ((patches.amin((2, 3, 4)), patches.amax((2, 3, 4))) for patches in drawn)
    step = (parents[1] - parents[0]) / (EDGE - 1)  # a shrunken patch begins half a step from its cube's face
    assert (children[0] >= parents[0] - step / 2).all()
    assert (children[1] <= parents[1] + step / 2).all()
    apart = (negatives[0] > parents[1]) | (negatives[1] < parents[0])
    assert apart.any(dim=1).all()


def test_the_same_generator_draws_the_same():
    x = torch.randn(3, 1, 20, 20, 20)
    first, second, other = (draw_triplets(x, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert not torch.equal(first[0], other[0])


def test_resizing_to_the_same_size_changes_nothing_and_keeps_the_mean():
    patches = torch.randn(2, 1, EDGE, EDGE, EDGE)
    torch.testing.assert_close(resize_patches(patches), patches)
    ramp = torch.arange(5.0).view(1, 1, 5, 1, 1).expand(1, 1, 5, 5, 5)
    torch.testing.assert_close(resize_patches(ramp).mean(), ramp.mean())
