"""Particles that were marked as junk stay so however often they are found again."""

import numpy as np
import pytest

from napari_hypseg.particles.junk import junk_mask, marks_on, places_of
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid

GRID = TomogramGrid("tomo", (20, 20, 20), (2.0, 2.0, 2.0), "nanometer")


@pytest.fixture
def particles():
    positions = np.array([[1.0, 1.0, 1.0], [5.0, 5.12345, 5.0], [9.0, 9.0, 9.0]])
    return ParticleSet(GRID, positions)


def test_a_mark_holds_for_a_particle_that_is_found_a_little_beside_it(particles):
    marked = places_of(particles.take(np.array([1])))
    assert marked == ((5.0, 5.123, 5.0),)
    moved = ParticleSet(GRID, particles.positions + 0.5)
    assert junk_mask(moved, marked).tolist() == [False, True, False]
    assert not junk_mask(particles.take(np.zeros(0, int)), marked).any()
    far = ParticleSet(GRID, particles.positions + 2)
    assert not junk_mask(far, marked).any()


def test_the_marks_that_a_particle_bears_are_found_again(particles):
    places = [(5.0, 5.2, 5.0), (5.4, 5.0, 5.0), (1.0, 1.0, 1.0)]
    assert marks_on(particles.take(np.array([1])), places) == ((5.0, 5.2, 5.0), (5.4, 5.0, 5.0))
    assert marks_on(particles.take(np.array([2])), places) == ()
    assert marks_on(particles, ()) == ()
