"""Angles of each program against SciPy, a published pair, and matrices written down from their definitions."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from napari_hypseg.particles.orientations import DYNAMO, RELION, along_normals, from_matrices, matrices
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid

PROGRAMS = {RELION: "ZYZ", DYNAMO: "zxz"}
GRID = TomogramGrid("tomogram", (10, 20, 30))


def random_quaternions(n=400):
    return Rotation.random(n, random_state=3).as_quat()


def apart(one, other):
    """Degrees (n,) between orientations."""
    return np.degrees((Rotation.from_quat(one) * Rotation.from_quat(other).inv()).magnitude())


@pytest.mark.parametrize(("convention", "axes"), PROGRAMS.items())
def test_angles_are_those_of_the_inverse_rotation(convention, axes):
    quaternions = random_quaternions()
    angles = convention.angles(quaternions)
    expected = Rotation.from_euler(axes, angles, degrees=True).inv()
    assert apart(expected.as_quat(), quaternions).max() < 1e-5
    assert apart(convention.quaternions(angles), quaternions).max() < 1e-5
    assert (angles[:, 1] >= 0).all()
    assert (np.abs(angles) <= 180).all()


@pytest.mark.parametrize("convention", PROGRAMS)
@pytest.mark.parametrize("tilt", [0.0, 1e-9, 90.0, 180.0])
def test_no_precision_is_lost_where_two_angles_are_one(convention, tilt):
    angles = np.array([[20.0, tilt, 50.0], [-179.0, tilt, 12.0]])
    quaternions = convention.quaternions(angles)
    assert apart(convention.quaternions(convention.angles(quaternions)), quaternions).max() < 1e-5


@pytest.mark.parametrize("convention", PROGRAMS)
def test_a_particle_that_lies_as_the_reference_has_angles_of_0(convention):
    assert not convention.angles(np.array([[0.0, 0.0, 0.0, 1.0]])).any()


def test_a_known_pair_of_both_programs_is_one_orientation():
    """A triple of Dynamo and one of RELION whose reconstructions are known to be identical."""
    dynamo, relion = np.array([[-47.2730, 1.1777, -132.3000]]), np.array([[137.7000, 1.1777, 42.7270]])
    assert apart(DYNAMO.quaternions(dynamo), RELION.quaternions(relion)).max() < 1e-5
    np.testing.assert_allclose(RELION.angles(DYNAMO.quaternions(dynamo)), relion, atol=1e-6)
    np.testing.assert_allclose(DYNAMO.angles(RELION.quaternions(relion)), dynamo, atol=1e-6)


def test_relions_matrix_turns_the_reference_into_the_particle():
    """RELION maps particle space to tomogram space by the matrix of its Euler angles, written out here."""
    rot, tilt, psi = np.radians([25.0, 70.0, -110.0])
    a, b, c, d, e, f = np.cos(rot), np.cos(tilt), np.cos(psi), np.sin(rot), np.sin(tilt), np.sin(psi)
    written = [
        [c * b * a - f * d, c * b * d + f * a, -c * e],
        [-f * b * a - c * d, -f * b * d + c * a, f * e],
        [e * a, e * d, b],
    ]
    made = matrices(RELION.quaternions(np.degrees([[rot, tilt, psi]])))[0]
    np.testing.assert_allclose(made, written, atol=1e-12)


def test_dynamos_matrix_is_known():
    """`dynamo_euler2matrix` of tdrot 30, tilt 60, narot 75 turns the particle onto the reference."""
    known = [[-0.0173, -0.5477, 0.8365], [0.9012, -0.3709, -0.2241], [0.4330, 0.7500, 0.5000]]
    made = matrices(DYNAMO.quaternions(np.array([[30.0, 60.0, 75.0]])))[0]
    np.testing.assert_allclose(made.T, known, atol=1e-4)


def test_matrices_are_those_of_scipy_and_come_back():
    quaternions = random_quaternions()
    made = matrices(quaternions)
    np.testing.assert_allclose(made, Rotation.from_quat(quaternions).as_matrix(), atol=1e-12)
    assert apart(from_matrices(made), quaternions).max() < 1e-5


def test_the_axis_of_a_particle_on_a_surface_is_its_normal():
    normals = np.random.default_rng(1).normal(size=(200, 3))
    normals = np.concatenate([normals, [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, 0, -3]]])
    particles = ParticleSet(GRID, np.zeros_like(normals), along_normals(normals))
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    np.testing.assert_allclose(particles.axes, normals / lengths, atol=1e-12)
    np.testing.assert_allclose(RELION.angles(particles.quaternions)[:-4, 0], 0, atol=1e-6)


def test_rotations_act_on_indices_of_arrays():
    quarter = Rotation.from_euler("z", 90, degrees=True).as_quat()  # from x towards y
    particles = ParticleSet(GRID, [[0, 0, 0]], quarter)
    np.testing.assert_allclose(particles.rotations[0] @ [0, 0, 1], [0, 1, 0], atol=1e-12)
