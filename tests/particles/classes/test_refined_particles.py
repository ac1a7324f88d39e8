import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from napari_hypseg.errors import InputError
from napari_hypseg.particles.box_settings import BoxSettings
from napari_hypseg.particles.boxes import ParticleBoxes
from napari_hypseg.particles.classes.box_poses import BoxPoses, read_box_poses
from napari_hypseg.particles.classes.refined_particles import refined_particles
from napari_hypseg.particles.orientations import along_normals
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid

SHAPE = (40, 44, 48)
GRID = TomogramGrid("cell", SHAPE, (4.0, 4.0, 4.0), "angstrom")
TRUE = np.array([[18.25, 20.75, 21.5], [21.0, 22.4, 24.3]])


def boxes_of(found, **settings):
    return ParticleBoxes(found, np.zeros(SHAPE, np.float32), BoxSettings(**settings))


def poses(centres, rotations=None, classes=None, in_plane=False):
    n = len(centres)
    turned = np.tile(np.eye(3), (n, 1, 1)) if rotations is None else rotations
    return BoxPoses(np.ones(n, np.int64) if classes is None else np.array(classes), turned, centres, in_plane)


@pytest.mark.parametrize("size", [8, 9])
@pytest.mark.parametrize("binning", [1, 2])
def test_a_particle_moves_to_where_its_content_is(size, binning):
    """The content is where the truth is; its voxel in the box is found without the code under test."""
    found = ParticleSet(GRID, np.array([[0.6, -1.3, 0.4], [-0.5, 0.2, 1.1]]) + TRUE)
    boxes = boxes_of(found, box_size=size, box_binning=binning)
    ramp = np.stack(np.meshgrid(*(np.arange(n, dtype=np.float32) for n in SHAPE), indexing="ij"))
    first = np.stack(
        [ParticleBoxes(found, axis, boxes.settings.model_copy(update={"normalise": "none"}))[:] for axis in ramp]
    )
    origin = first[:, :, 0, 0, 0].T  # place in the tomogram of the first voxel of each box
    centres = (TRUE - origin) / binning - (size - 1) / 2
    refined = refined_particles(boxes, poses(centres))
    np.testing.assert_allclose(refined.positions, TRUE, atol=1e-5)


def test_a_known_rotation_turns_the_reference_into_the_particle():
    turn = Rotation.from_rotvec([[0.3, -0.7, 1.1], [2.0, 0.1, 0.4]])  # of (x, y, z)
    of_zyx = turn.as_matrix()[:, ::-1, ::-1]
    refined = refined_particles(boxes_of(ParticleSet(GRID, TRUE), box_size=8), poses(np.zeros((2, 3)), of_zyx))
    np.testing.assert_allclose(refined.rotations, of_zyx, atol=1e-12)
    assert (turn.inv() * Rotation.from_quat(refined.orientations)).magnitude().max() < 1e-9


def test_in_the_plane_a_normal_stays_and_the_section_does_too():
    normals = along_normals(np.array([[0.2, 0.5, 0.3], [0.9, 0.1, -0.4]]))
    about_z = Rotation.from_rotvec([[0, 0, 0.7], [0, 0, -1.1]]).as_matrix()[:, ::-1, ::-1]
    moved = np.array([[0.0, 0.7, -0.2], [0.0, 0.1, 0.3]])
    known = refined_particles(
        boxes_of(ParticleSet(GRID, TRUE, normals), box_size=9), poses(moved, about_z, in_plane=True)
    )
    np.testing.assert_allclose(known.orientations, normals, atol=1e-12)
    np.testing.assert_allclose(known.positions[:, 0], TRUE[:, 0])
    free = refined_particles(boxes_of(ParticleSet(GRID, TRUE), box_size=9), poses(moved, about_z, in_plane=True))
    np.testing.assert_allclose(free.rotations, about_z, atol=1e-12)


def test_particles_of_no_class_are_left_out_and_a_table_of_other_boxes_is_refused():
    boxes = boxes_of(ParticleSet(GRID, TRUE), box_size=8)
    one = refined_particles(boxes, poses(np.zeros((2, 3)), classes=[0, 4]))
    assert one.scalars["class"].tolist() == [4]
    with pytest.raises(InputError, match="about 3 boxes, but there are 2"):
        refined_particles(boxes, poses(np.zeros((3, 3))))
    with pytest.raises(InputError, match="No particle"):
        refined_particles(boxes, poses(np.zeros((2, 3)), classes=[0, 0]))


def test_a_table_says_a_turn_in_the_plane_or_in_space(tmp_path):
    path = tmp_path / "classes.csv"
    path.write_text("particle,class,place,angle_deg,centre_y,centre_x,doubt,elbo\n1,2,1,30,1.5,-2,0,0\n")
    plane = read_box_poses(path)
    assert plane.in_plane
    np.testing.assert_allclose(plane.centres, [[0, 1.5, -2]])
    cos, sin = np.cos(np.radians(30)), np.sin(np.radians(30))
    np.testing.assert_allclose(plane.rotations[0] @ [0, 0, 1], [0, sin, cos], atol=1e-12)
    path.write_text(
        "particle,class,rotation_z_deg,rotation_y_deg,rotation_x_deg,centre_z,centre_y,centre_x\n1,1,0,90,0,1,2,3\n"
    )
    space = read_box_poses(path)
    assert not space.in_plane
    np.testing.assert_allclose(np.abs(space.rotations[0] @ [0, 0, 1]), [1, 0, 0], atol=1e-12)
    path.write_text("particle,class\n1,1\n")
    with pytest.raises(InputError, match="no column centre_y, centre_x, angle_deg"):
        read_box_poses(path)
