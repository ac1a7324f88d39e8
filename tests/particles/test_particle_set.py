import numpy as np
import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.volumes import Volume

GRID = TomogramGrid("t", (10, 20, 30), (4.0, 2.0, 2.0), "nanometer", (100.0, 0.0, -5.0))


def test_positions_are_known_in_voxels_and_in_the_world():
    particles = ParticleSet(GRID, [[1, 2, 3.5]], scalars={"score": np.array([7.0])})
    assert particles.world.tolist() == [[104.0, 4.0, 2.0]]
    assert particles.rotations.tolist() == [np.eye(3).tolist()]
    assert len(particles) == 1


def test_some_are_taken_with_all_that_is_known_of_them():
    turned = np.tile([0.0, 0.0, 2.0, 0.0], (3, 1))
    particles = ParticleSet(GRID, np.arange(9.0).reshape(3, 3), turned, scalars={"score": np.arange(3)})
    few = particles.take(np.array([2, 0]))
    assert few.scalars["score"].tolist() == [2, 0]
    assert few.positions[0].tolist() == [6, 7, 8]
    assert few.orientations.tolist() == [[0, 0, 1, 0]] * 2
    assert few.take(np.array([True, False])).with_scalars(kind=np.array([5])).scalars["kind"].tolist() == [5]


@pytest.mark.parametrize(
    "wrong",
    [{"orientations": np.ones((2, 4))}, {"scalars": {"score": np.ones(5)}}, {"orientations": np.zeros((3, 4))}],
)
def test_arrays_have_to_fit_one_another(wrong):
    with pytest.raises(ValueError, match=r"orientation"):
        ParticleSet(GRID, np.zeros((3, 3)), **wrong)


def test_programs_that_know_one_pixel_size_need_cubic_voxels_of_a_known_size():
    volume = Volume((np.zeros((4, 5, 6)),), (2.0, 2.0, 2.0), "nanometer", name="cell")
    assert TomogramGrid.of(volume).pixel_size() == pytest.approx(20)
    assert TomogramGrid.of(volume).shape == (4, 5, 6)
    with pytest.raises(InputError, match=r"not cubes \(40 × 20 × 20 Å\)"):
        GRID.pixel_size()
    with pytest.raises(InputError, match="not known"):
        TomogramGrid("cell", (4, 5, 6)).pixel_size()
