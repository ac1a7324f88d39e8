import math

import pytest
import torch
from torch.nn import functional as F

from napari_hypseg.nn.slice_encoder import SliceEncoder
from napari_hypseg.nn.slice_rotation import AngleClassifier, rotate_slices

ANGLES = 8
STEP = 2 * math.pi / ANGLES


def disc(edge):
    line = torch.linspace(-1, 1, edge)
    return line[:, None] ** 2 + line**2 <= 1


@pytest.fixture
def slices():
    torch.manual_seed(0)
    return torch.rand(2, 3, 17, 17)


@pytest.mark.parametrize("angle", [0.0, 2 * math.pi])
def test_a_full_turn_changes_nothing_inside_the_disc(slices, angle):
    turned = rotate_slices(slices, torch.full((2,), angle))
    torch.testing.assert_close(turned, slices * disc(17), atol=1e-4, rtol=0)


@pytest.mark.parametrize("edge", [16, 17])
def test_quarter_turns_are_those_of_the_grid(edge):
    slices = torch.rand(3, 1, edge, edge, generator=torch.Generator().manual_seed(1))
    turned = rotate_slices(slices, torch.tensor([1, 2, 3]) * (math.pi / 2))
    for quarter, (one, source) in enumerate(zip(turned, slices, strict=True), start=1):
        torch.testing.assert_close(one, torch.rot90(source, quarter, (1, 2)) * disc(edge), atol=1e-4, rtol=0)


def test_nothing_is_left_of_the_corners(slices):
    assert (rotate_slices(slices, torch.tensor([0.3, 1.0]))[..., ~disc(17)] == 0).all()


def picture():
    """A slice (1, 1, 32, 32) that looks different from every side."""
    line = torch.linspace(-1, 1, 32)
    y, x = line[:, None], line
    blobs = [(-0.5, 0.1, 2.0), (0.3, 0.5, -1.5), (0.4, -0.4, 1.0)]
    return sum(a * torch.exp(-((y - b) ** 2 + (x - c) ** 2) / 0.05) for b, c, a in blobs)[None, None]


def taught(slices, steps=25):
    """A classifier that learned from pairs of turned `slices`, as `rotate_slices` turns them."""
    torch.manual_seed(0)
    classifier = AngleClassifier(SliceEncoder(1, 0.1), ANGLES).train()
    optimiser = torch.optim.Adam(classifier.parameters(), 5e-3)
    for _ in range(steps):
        loss = F.cross_entropy(*asked(classifier, slices))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return classifier.eval()


def asked(classifier, slices, pairs=16):
    """Log-odds and the true turn of pairs, from a random start; a slice's partner is the one behind it."""
    first = torch.randint(len(slices) - 1, (pairs,)) if len(slices) > 1 else torch.zeros(pairs, dtype=torch.long)
    second = (first + 1).clamp(max=len(slices) - 1)
    truth, start = torch.randint(ANGLES, (pairs,)), 2 * math.pi * torch.rand(pairs)
    return classifier(rotate_slices(slices[first], start), rotate_slices(slices[second], start - truth * STEP)), truth


def right(classifier, slices):
    with torch.no_grad():
        odds, truth = asked(classifier, slices, pairs=128)
    return float((odds.argmax(1) == truth).float().mean())


def test_the_turn_of_a_picture_is_recovered():
    assert right(taught(picture()), picture()) > 0.9


def test_noise_leaves_nothing_but_chance():
    torch.manual_seed(1)
    noise = torch.randn(40, 1, 32, 32)
    assert right(taught(noise[:20]), noise[20:]) < 3 / ANGLES


def test_a_picture_makes_certain_and_nothing_does_not():
    classifier, nothing = taught(picture()), torch.zeros(1, 1, 32, 32)
    with torch.no_grad():
        of_nothing, of_a_picture = (float(classifier(one, one).softmax(1)[0, 0]) for one in (nothing, picture()))
    assert of_nothing < 0.4 < 0.6 < of_a_picture
