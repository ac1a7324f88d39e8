"""What is said to be true of the generated images is true in the sense of the model's poses."""

import numpy as np
import pytest
import torch

from benchmarks.particles.digits import digits
from benchmarks.particles.two_domains import two_domains
from napari_hypseg.nn.spatial.alignment import align
from napari_hypseg.nn.spatial.pose_posterior import Pose
from napari_hypseg.nn.spatial.rotations import plane_rotation


def _aligned(made):
    rotation = plane_rotation(torch.from_numpy(made.angles).float())
    middle = torch.from_numpy(made.shifts).float() * 2 / (made.images.shape[1] - 1)
    shift = -(middle[:, None] @ rotation)[:, 0]  # where x is the middle of the content, x R + Δ is 0
    return align(torch.from_numpy(made.images), Pose(rotation, shift)).numpy()


def test_two_domains_lie_as_they_say(monkeypatch):
    monkeypatch.setattr("benchmarks.particles.two_domains.OPENING", np.array([0.3, 0.3]))
    made = two_domains(6, 32, 1e9, np.random.default_rng(0))
    back = _aligned(made)[:, 6:-6, 6:-6]
    assert np.abs(back - back[0]).max() < 0.06 * np.ptp(made.images)
    assert np.abs(made.images - made.images[0]).max() > 0.3 * np.ptp(made.images)


def test_a_domain_moves_with_the_conformation():
    made = two_domains(40, 32, 1e9, np.random.default_rng(0))
    back, order = _aligned(made)[:, 6:-6, 6:-6], np.argsort(made.content)
    to_first = np.sqrt(((back[order] - back[order[0]]) ** 2).mean((1, 2)))
    assert to_first[-1] > 0.5
    assert np.corrcoef(np.arange(40), to_first)[0, 1] > 0.8


def test_noise_is_as_strong_as_said():
    quiet, noisy = (two_domains(50, 32, snr, np.random.default_rng(0)).images for snr in (1e9, 0.5))
    assert noisy.std() == pytest.approx(1, abs=1e-5)
    shared = np.corrcoef(quiet.ravel(), noisy.ravel())[0, 1] ** 2
    assert shared / (1 - shared) == pytest.approx(0.5, abs=0.03)


def test_digits_lie_as_they_say(monkeypatch):
    for name in ("WAVER", "SLANT"):
        monkeypatch.setattr(f"benchmarks.particles.digits.{name}", 0.0)
    monkeypatch.setattr("benchmarks.particles.digits.THICKNESS", (0.1, 0.1))
    made = digits(60, 28, np.pi / 4, 1.4, np.random.default_rng(0))
    assert 0 <= made.images.min() < made.images.max() <= 1
    back = _aligned(made)
    fours = back[made.content == 4]
    assert len(fours) > 2
    assert np.abs(fours - fours[0])[:, 4:-4, 4:-4].mean() < 0.03
    ones = back[made.content == 1]
    assert np.abs(fours[0] - ones[0])[4:-4, 4:-4].mean() > 0.1
    assert made.angles.std() == pytest.approx(np.pi / 4, rel=0.3)
    assert made.shifts.std() == pytest.approx(1.4, rel=0.3)
