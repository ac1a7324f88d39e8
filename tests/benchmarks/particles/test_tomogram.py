import numpy as np
import pytest

from benchmarks.particles.protein_shapes import PROTEINS
from benchmarks.particles.simulated_tomogram import boxes_at, simulated_tomogram
from benchmarks.particles.tomogram import axis_errors, matched
from napari_hypseg.particles.classes.alignment.missing_wedge import measured_frequencies

SHAPE = (36, 80, 80)


def test_particles_lie_where_and_as_they_say_and_are_apart():
    made = simulated_tomogram(1e9, 0, count=6, shape=SHAPE)
    assert np.bincount(made.kinds).tolist() == [2, 2, 2]
    distances = np.linalg.norm(made.positions[:, None] - made.positions, axis=2) + 99 * np.eye(6)
    assert distances.min() > 2 * min(protein.radius for protein in PROTEINS)
    for position, kind, rotation in zip(made.positions, made.kinds, made.rotations, strict=True):
        far = PROTEINS[kind].points[np.linalg.norm(PROTEINS[kind].points, axis=1).argmax()]
        assert made.inside[tuple(np.round(position + 0.8 * rotation @ far).astype(int))]
        box = boxes_at(made.grey, position[None])[0]
        assert box[8:16, 8:16, 8:16].mean() < box.mean()


def test_noise_is_as_strong_as_said_and_misses_the_wedge():
    clean, noisy = (simulated_tomogram(snr, 0, count=6, shape=SHAPE).grey for snr in (1e9, 0.25))
    made = simulated_tomogram(1e9, 0, count=6, shape=SHAPE)
    noise = noisy - clean
    assert boxes_at(clean, made.positions).var() / noise.var() == pytest.approx(0.25, rel=0.02)
    power = np.abs(np.fft.fftn(noise)) ** 2
    assert power[measured_frequencies(SHAPE, 60.0) == 0].max() < 1e-6 * power.max()


def test_coloured_noise_is_stronger_where_it_is_coarse():
    white, coloured = (simulated_tomogram(1e-6, 0, noise, count=3, shape=SHAPE).grey for noise in ("white", "coloured"))
    ratios = [
        np.abs(np.fft.fftn(grey)[0, 0, 1:6]).mean() / np.abs(np.fft.fftn(grey)[0, 0, 30:40]).mean()
        for grey in (white, coloured)
    ]
    assert ratios[1] > 1.8 * ratios[0]


def test_too_many_particles_have_no_room():
    with pytest.raises(ValueError, match="no room"):
        simulated_tomogram(1.0, 0, count=60, shape=SHAPE)


def test_each_particle_is_matched_once():
    true = np.array([[0.0, 0, 0], [10, 0, 0], [30, 0, 0]])
    rows, columns = matched(np.array([[1.0, 0, 0], [2, 0, 0], [11, 0, 0], [60, 0, 0]]), true)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 0), (2, 1)]


def test_errors_of_an_axis_leave_the_turn_about_it_aside():
    from scipy.spatial.transform import Rotation

    true = Rotation.random(20, random_state=0)
    about = Rotation.from_euler("x", np.linspace(0, 300, 20)[:, None], degrees=True)
    content = Rotation.random(random_state=1)
    found = (true * about * content).as_matrix()
    np.testing.assert_allclose(axis_errors(found, true.as_matrix()), 0, atol=1e-3)
