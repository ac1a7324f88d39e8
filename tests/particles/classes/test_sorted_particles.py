"""A table of classes read back: orders, classes, and particles turned back as the network would."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from napari_hypseg.errors import InputError
from napari_hypseg.inference.particle_poses import ParticlePoses, aligned_images
from napari_hypseg.jobs import drive
from napari_hypseg.nn.spatial.rotations import plane_rotation
from napari_hypseg.particles.classes.aligned_slices import AlignedSlices
from napari_hypseg.particles.classes.averaging import average_job
from napari_hypseg.particles.classes.class_table import write_class_table
from napari_hypseg.particles.classes.gallery_order import ORDERS
from napari_hypseg.particles.classes.sorted_particles import read_class_table
from napari_hypseg.particles.gallery_slices import gallery_slices, grey_pixels, sorted_rows, suggested_edge, whole_boxes
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid

RANDOM = np.random.default_rng(0)
GRID = TomogramGrid("tomo", (20, 30, 40), (10.0, 10.0, 10.0), "angstrom")
COLUMNS = {
    "particle": np.array([1, 2, 3]),
    "class": np.array([2, 1, 2]),
    "place": np.array([3, 1, 2]),
    "angle_deg": np.array([10.0, 20.0, 30.0]),
    "centre_y": np.zeros(3),
    "centre_x": np.ones(3),
    "doubt": np.array([0.1, 0.5, 0.3]),
    "elbo": np.array([-1.0, -3.0, -2.0]),
}


@pytest.fixture
def table(tmp_path):
    write_class_table(tmp_path / "classes.csv", COLUMNS)
    return tmp_path / "classes.csv"


@pytest.fixture
def particles():
    positions = np.array([[10.0, 15.0, 20.0], [2.0, 2.0, 2.0], [10.0, 10.0, 10.0], [9.0, 20.0, 30.0]])
    return ParticleSet(GRID, positions, scalars={"diameter": np.array([40.0, 80.0, 60.0, np.nan])})


def test_the_table_that_classify_writes_gives_every_order(table):
    found = read_class_table(table)
    assert found.ranks.classes.tolist() == [2, 1, 2]
    orders = {name: order(found.ranks).tolist() for name, order in ORDERS.items()}
    assert orders == {"content": [1, 2, 0], "class": [2, 0, 1], "doubt": [1, 2, 0], "fit": [1, 2, 0]}
    assert found.angles.tolist() == [10, 20, 30]
    assert found.centres.tolist() == [[0, 1]] * 3


def test_particles_that_were_not_sorted_come_last_and_lie_as_they_are(table):
    wide = read_class_table(table).spread(np.array([3, 1, 0]), 4)
    assert wide.ranks.classes.tolist() == [2, 1, 0, 2]
    assert all(order(wide.ranks)[-1] == 2 for order in ORDERS.values())
    assert wide.angles.tolist()[:2] == [30, 20]
    assert np.isnan(wide.angles[2])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "bad.csv has no column class, place, doubt, elbo"),
        ("class,place,doubt,elbo\n-1,1,0,0\n", "bad.csv has classes below 0"),
        ("class,place,doubt,elbo\n1,x,0,0\n", "bad.csv is no table of numbers"),
        ("", "bad.csv is no table of numbers"),
    ],
)
def test_what_is_no_such_table_is_said_in_one_sentence(tmp_path, text, words):
    (tmp_path / "bad.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        read_class_table(tmp_path / "bad.csv")
    with pytest.raises(InputError, match="cannot be read"):
        read_class_table(tmp_path / "none.csv")


def test_a_table_is_about_all_particles_those_that_are_no_junk_or_those_with_a_whole_box(particles):
    junk = np.array([False, False, True, False])
    assert whole_boxes(particles, 8).tolist() == [True, False, True, True]
    assert sorted_rows(4, particles, junk, 8).tolist() == [0, 1, 2, 3]
    assert sorted_rows(3, particles, junk, 8).tolist() == [0, 1, 3]
    assert sorted_rows(2, particles, junk, 8).tolist() == [0, 3]
    with pytest.raises(InputError, match="sorts 9 particles, but here are 4, 3 without junk and 2 of them"):
        sorted_rows(9, particles, junk, 8)


@pytest.mark.parametrize("angle", [0.0, 30.0, -110.0, 180.0])
def test_particles_are_turned_back_as_the_network_turns_them(angle):
    images = RANDOM.normal(size=(2, 15, 15)).astype(np.float32)
    images = np.stack([np.asarray(torch.nn.functional.avg_pool2d(torch.tensor(i)[None], 5, 1, 2)[0]) for i in images])
    rotation = plane_rotation(torch.tensor(np.radians([angle, 0.0]), dtype=torch.float32)).numpy()
    shifts = np.array([[1.0, -2.0], [0.0, 0.0]], np.float32)
    poses = ParticlePoses(
        np.zeros((2, 2), np.float32), rotation, shifts, np.zeros(2, np.float32), np.zeros(2, np.float32)
    )
    there = aligned_images(images, poses, np.arange(2))
    here = AlignedSlices(images, np.array([angle, np.nan]), poses.centres.astype(np.float64))[[0, 1]]
    np.testing.assert_allclose(here[0, 4:11, 4:11], there[0, 4:11, 4:11], atol=0.02)
    np.testing.assert_array_equal(here[1], images[1])


def test_pictures_show_the_middle_of_each_box_also_at_the_border(particles):
    volume = np.zeros(GRID.shape, np.float32)
    for number, (z, y, x) in enumerate(particles.positions.astype(int)):
        volume[z, y, x] = number + 1
    made = gallery_slices(particles, volume, 8)
    assert made.shape == (4, 8, 8)
    assert [float(made[n][4, 4]) for n in range(4)] == [1, 2, 3, 4]
    assert suggested_edge(particles) == 12
    assert suggested_edge(particles.with_scalars(diameter=np.full(4, 1e6))) == 20
    close = ParticleSet(GRID, particles.positions, scalars={"nearest": np.full(4, 20.0)})
    assert suggested_edge(close) == 16
    assert suggested_edge(replace(close, box_size=10)) == 10
    assert grey_pixels(made[3], (0.0, 4.0)).max() == 255
    averages = drive(average_job(lambda rows: made[rows], (8, 8), np.array([1, 1, 0, 2])), lambda _: None)
    assert averages.counts.tolist() == [2, 1]
    assert averages.averages[:, 4, 4].tolist() == [1.5, 4]
