"""What is written is read again: positions to 0.01 voxel and rotations to 0.01°, for odd and even sizes."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from napari_hypseg.errors import InputError, OutputError, SettingError
from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.formats.registry import FORMATS
from napari_hypseg.particles.particle_files import read_particles, write_particles


def apart(one, other):
    return np.degrees((Rotation.from_quat(one) * Rotation.from_quat(other).inv()).magnitude())


@pytest.mark.parametrize("name", FORMATS)
def test_particles_come_back(tmp_path, particles, name):
    path = tmp_path / f"picks{FORMATS[name].suffix}"
    write_particles(path, particles, format_name=name)
    read = read_particles(path, particles.grid)
    assert read.notes == ()
    again = read.particles
    np.testing.assert_allclose(again.positions, particles.positions, atol=1e-4)
    np.testing.assert_allclose(again.world, particles.world, atol=1e-3)
    if name == "napari":
        assert again.orientations is None
        return
    assert apart(again.orientations, particles.orientations).max() < 1e-4
    for key in ("score", "parent"):
        np.testing.assert_allclose(again.scalars[key], particles.scalars[key], atol=1e-6)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "napari"])
def test_orientations_that_are_not_known_stay_so(tmp_path, particles, name):
    path = tmp_path / f"picks{FORMATS[name].suffix}"
    write_particles(path, replace(particles, orientations=None), format_name=name)
    assert read_particles(path, particles.grid).particles.orientations is None


@pytest.mark.parametrize("name", ["relion4", "dynamo"])
def test_pixels_of_the_tilt_series_are_scaled_and_that_is_said(tmp_path, particles, name):
    path = tmp_path / f"picks{FORMATS[name].suffix}"
    write_particles(path, particles, FileSettings(pixel_size=10.0), name)
    read = read_particles(path, particles.grid)
    np.testing.assert_allclose(read.particles.positions, particles.positions, atol=1e-4)
    assert "are 10 Å and the voxels of TS_01 40 Å; positions were scaled by 0.25." in read.notes[0]
    told = read_particles(path, particles.grid, FileSettings(pixel_size=5.0))
    np.testing.assert_allclose(told.particles.positions, particles.positions / 2, atol=1e-4)


def test_names_and_endings_have_to_fit(tmp_path, particles):
    with pytest.raises(SettingError, match=r"let the name end in \.star, \.tbl, \.json, \.csv"):
        write_particles(tmp_path / "picks.txt", particles)
    with pytest.raises(SettingError, match=r"end in \.tbl"):
        write_particles(tmp_path / "picks.star", particles, format_name="dynamo")
    (tmp_path / "picks.star").touch()
    with pytest.raises(OutputError, match="which is read from"):
        write_particles(tmp_path / "picks.star", particles, inputs=[tmp_path / "picks.star"])


@pytest.mark.parametrize("name", ["relion4", "relion5", "copick"])
def test_programs_that_count_in_angstrom_need_a_voxel_size(tmp_path, particles, name):
    unknown = replace(particles, grid=replace(particles.grid, unit="pixel"))
    with pytest.raises(InputError, match="voxel size of TS_01 is not known"):
        write_particles(tmp_path / f"a{FORMATS[name].suffix}", unknown, format_name=name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["dynamo", "csv"])
def test_without_a_voxel_size_tables_in_voxels_still_work(tmp_path, particles, name):
    unknown = replace(particles, grid=replace(particles.grid, unit="pixel"))
    path = tmp_path / f"a{FORMATS[name].suffix}"
    write_particles(path, unknown, format_name=name)
    np.testing.assert_allclose(read_particles(path, unknown.grid).particles.positions, particles.positions, atol=1e-4)
