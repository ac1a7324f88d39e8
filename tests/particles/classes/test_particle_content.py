"""The content of particles, in a table and back."""

import numpy as np
import pytest

from napari_hypseg.particles.classes.class_table import write_class_table
from napari_hypseg.particles.classes.gallery_order import ParticleRanks
from napari_hypseg.particles.classes.particle_content import ParticleContent, content_of
from napari_hypseg.particles.classes.sorted_particles import SortedParticles, read_class_table, sorted_columns

POINTS = np.array([[0.1, 0.2], [-0.3, 0.4], [0.5, -0.6]], dtype=np.float32)


@pytest.fixture
def three():
    ranks = ParticleRanks(np.array([2, 0, 1]), np.array([1, 2, 1]), np.zeros(3, np.float32), np.ones(3, np.float32))
    return SortedParticles(ranks, np.array([10.0, 20, 30]), np.zeros((3, 2)), ParticleContent(POINTS, 1.5))


def test_points_and_curvature_come_back_from_a_table(tmp_path, three):
    write_class_table(tmp_path / "classes.csv", sorted_columns(three))
    found = read_class_table(tmp_path / "classes.csv").content
    np.testing.assert_allclose(found.points, POINTS)
    assert found.curvature == 1.5
    assert "content_curvature" not in ParticleContent(POINTS).columns()
    assert content_of({"class": np.zeros(3)}) is None


def test_what_is_spread_over_more_particles_is_taken_back(three):
    rows = np.array([4, 0, 2])
    wide = three.spread(rows, 5)
    assert wide.content.known.tolist() == [0, 2, 4]
    back = wide.take(rows)
    for one, other in zip(sorted_columns(back).values(), sorted_columns(three).values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_new_class_has_the_first_free_number(three):
    assert three.with_class(np.array([0])).ranks.classes.tolist() == [3, 2, 1]
    assert three.with_class(np.array([1])).ranks.classes.tolist() == [1, 2, 1]
    assert three.with_class(np.array([0, 2])).ranks.classes.tolist() == [1, 2, 1]
    assert three.with_class(np.array([0, 1])).ranks.classes.tolist() == [2, 2, 1]
