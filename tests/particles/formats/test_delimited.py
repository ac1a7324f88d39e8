import csv

import numpy as np
import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.particles.particle_files import read_particles, write_particles


def test_our_table_has_voxels_and_world_and_axes(tmp_path, particles):
    write_particles(tmp_path / "a.csv", particles)
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    assert list(rows[0])[:7] == ["id", "z_voxel", "y_voxel", "x_voxel", "z_nm", "y_nm", "x_nm"]
    for number, row in enumerate(rows):
        world = [float(row[f"{axis}_nm"]) for axis in "zyx"]
        np.testing.assert_allclose(world, particles.world[number], rtol=1e-6)
        axis = [float(row[f"axis_{axis}"]) for axis in "zyx"]
        np.testing.assert_allclose(axis, particles.axes[number], atol=1e-8)


@pytest.mark.parametrize("head", ["index,axis-0,axis-1,axis-2", "name, Z, Y, X"])
def test_tables_of_napari_and_of_others_are_read(tmp_path, grid, head):
    (tmp_path / "a.csv").write_text(f"{head}\n0,1.5,2,3\n\n1,4,5,6\n")
    assert read_particles(tmp_path / "a.csv", grid).particles.positions.tolist() == [[1.5, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize("content", ["X;Y;Z\n3,5;2;1\n", "x\ty\tz\n3.5\t2\t1\n", "x\ty\tz\n3,5\t2\t1\n"])
def test_tables_of_spreadsheets_are_read(tmp_path, grid, content):
    (tmp_path / "a.csv").write_text(content)
    assert read_particles(tmp_path / "a.csv", grid).particles.positions.tolist() == [[1, 2, 3.5]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,b\n1,2\n", "no columns z, y and x of positions in voxels, only a, b"),
        ("z,y,x\n1,2\n", "no number for z, y, x in row 2"),
        ("z,y,x\n1,2,3\n1,2,here\n", "in row 3"),
        ("z,y,x\n1,nan,3\n", "no position for particle 1"),
        ("z,y,x\n", "holds no particle"),
        ("", "only nothing"),
    ],
)
def test_what_is_missing_is_said(tmp_path, grid, content, said):
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(InputError, match=said):
        read_particles(tmp_path / "a.csv", grid)


def test_lengths_have_their_unit_in_their_heads_and_come_back(tmp_path, particles):
    known = particles.with_scalars(diameter=np.full(60, 12.5), nearest=np.full(60, 3.25))
    write_particles(tmp_path / "a.csv", known)
    assert {"diameter_nm", "nearest_nm"} <= set((tmp_path / "a.csv").read_text().splitlines()[0].split(","))
    read = read_particles(tmp_path / "a.csv", particles.grid).particles
    assert read.scalars["diameter"].tolist() == [12.5] * 60
    (tmp_path / "b.csv").write_text("z,y,x,diameter_angstrom\n1,2,3,40\n")
    assert "diameter" not in read_particles(tmp_path / "b.csv", particles.grid).particles.scalars
