"""STAR files as `starfile` reads them, and as RELION's own definitions have them."""

import numpy as np
import pytest
import starfile
from scipy.spatial.transform import Rotation

from napari_hypseg.errors import InputError
from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.particle_files import read_particles, write_particles

PIXELS = ["rlnCoordinateX", "rlnCoordinateY", "rlnCoordinateZ"]
CENTRED = [f"rlnCenteredCoordinate{axis}Angst" for axis in "XYZ"]
ANGLES = ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"]


def star(path, rows, labels, block="particles", before=""):
    lines = [before, f"data_{block}", "", "loop_", *(f"_{label} #{n}" for n, label in enumerate(labels, 1))]
    path.write_text("\n".join([*lines, *(" ".join(map(str, row)) for row in rows), ""]))
    return path


def test_relion_4_counts_pixels_from_the_first_and_says_how_large_they_are(tmp_path, particles):
    write_particles(tmp_path / "a.star", particles, format_name="relion4")
    blocks = starfile.read(tmp_path / "a.star")
    table = blocks["particles"]
    np.testing.assert_allclose(table[PIXELS].to_numpy()[:, ::-1], particles.positions, atol=1e-6)
    assert float(blocks["optics"]["rlnTomoTiltSeriesPixelSize"].iloc[0]) == 40
    assert set(table["rlnTomoName"]) == {"TS_01"}
    assert table["rlnTomoParticleId"].tolist() == list(range(1, 61))
    inverse = Rotation.from_euler("ZYZ", table[ANGLES].to_numpy(), degrees=True).inv()
    assert np.degrees((inverse * Rotation.from_quat(particles.orientations).inv()).magnitude()).max() < 1e-4


def test_relion_5_counts_angstroms_from_half_the_size_whether_it_is_odd_or_even(tmp_path, particles):
    write_particles(tmp_path / "a.star", particles)
    table = starfile.read(tmp_path / "a.star")
    size = np.array(particles.grid.shape)
    voxels = table[CENTRED].to_numpy()[:, ::-1] / 40 + size / 2  # as RELION turns them into pixels
    np.testing.assert_allclose(voxels, particles.positions, atol=1e-6)


def test_shifts_of_a_refinement_are_taken_off_in_the_frame_of_the_subtomogram(tmp_path, grid):
    labels = ["rlnTomoName", *PIXELS, *ANGLES, "rlnOriginXAngst", "rlnOriginYAngst", "rlnOriginZAngst"]
    angles = [30.0, 40.0, 50.0]
    rows = [["TS_01", 50, 60, 70, *angles, 40, 0, -80]]
    read = read_particles(star(tmp_path / "a.star", rows, labels), grid).particles
    np.testing.assert_allclose(read.positions, [[72, 60, 49]])
    turned = ["rlnTomoSubtomogramRot", "rlnTomoSubtomogramTilt", "rlnTomoSubtomogramPsi"]
    rows = [["TS_01", 50, 60, 70, *angles, 40, 0, -80, 10, 20, 5]]
    read = read_particles(star(tmp_path / "b.star", rows, [*labels, *turned]), grid).particles
    outer = Rotation.from_euler("ZYZ", [10, 20, 5], degrees=True).inv()
    expected = np.array([50, 60, 70]) - outer.apply([1, 0, -2])
    np.testing.assert_allclose(read.positions[0, ::-1], expected, atol=1e-6)
    whole = outer * Rotation.from_euler("ZYZ", angles, degrees=True).inv()
    assert np.degrees((whole * Rotation.from_quat(read.orientations[0]).inv()).magnitude()) < 1e-4


def test_one_tomogram_is_taken_by_whichever_name_it_has(tmp_path, grid):
    names = ["rec_TS_01_40A.mrc", "TS_012", "TS_02"]
    path = star(tmp_path / "a.star", [[name, 1 + n, 2, 3] for n, name in enumerate(names)], ["rlnTomoName", *PIXELS])
    with pytest.raises(InputError, match=r"and not of TS_01|which several"):
        read_particles(star(tmp_path / "b.star", [["TS_02", 1, 2, 3]], ["rlnTomoName", *PIXELS]), grid)
    read = read_particles(path, grid, FileSettings(tomo_name="TS_02")).particles
    assert read.positions.tolist() == [[3, 2, 3]]
    other = star(tmp_path / "c.star", [["TS_01-bin4", 5, 2, 3], ["TS_012", 6, 2, 3]], ["rlnTomoName", *PIXELS])
    assert read_particles(other, grid).particles.positions.tolist() == [[3, 2, 5]]


def test_another_tomogram_is_refused_with_the_names_there_are(tmp_path, grid):
    path = star(tmp_path / "a.star", [["TS_07", 1, 2, 3]], ["rlnTomoName", *PIXELS])
    with pytest.raises(InputError, match=r"particles of the tomogram TS_07 and not of TS_01; say which one"):
        read_particles(path, grid)


def test_missing_columns_are_named(tmp_path, grid):
    path = star(tmp_path / "a.star", [[1, 2]], PIXELS[:2])
    with pytest.raises(InputError, match=r"no coordinates of particles \(rlnCoordinateZ or"):
        read_particles(path, grid)
    with pytest.raises(InputError, match="text where numbers belong"):
        read_particles(star(tmp_path / "b.star", [["a", 2, 3]], PIXELS), grid)
    (tmp_path / "c.star").write_text("nothing\n")
    with pytest.raises(InputError, match=r"c\.star"):
        read_particles(tmp_path / "c.star", grid)


def test_angles_in_radians_are_refused_until_somebody_says_so(tmp_path, grid):
    angles = np.random.default_rng(0).uniform(0.1, 3.1, (8, 3))
    rows = [[n + 1, 2, 3, *row] for n, row in enumerate(angles)]
    path = star(tmp_path / "a.star", rows, [*PIXELS, *ANGLES])
    with pytest.raises(InputError, match=r"\(rot, tilt, psi\) look like radians, since none is above 2π"):
        read_particles(path, grid)
    read = read_particles(path, grid, FileSettings(angles="radians")).particles
    expected = Rotation.from_euler("ZYZ", angles).inv()
    assert (expected * Rotation.from_quat(read.orientations).inv()).magnitude().max() < 1e-6
    assert read_particles(path, grid, FileSettings(angles="degrees")).particles.orientations is not None


def test_picks_outside_the_grid_and_picks_that_stand_twice_are_told(tmp_path, grid):
    rows = [[5, 6, 7], [9, 9, 9], [5, 6, 7.001], [500, 6, 7], [9, 9, 9]]
    read = read_particles(star(tmp_path / "a.star", rows, PIXELS), grid)
    assert read.particles.positions.tolist() == [[7, 6, 5], [9, 9, 9]]
    assert "1 of the 5 particles" in read.notes[0]
    assert "is left out; the first is particle 4 at 7, 6, 500." in read.notes[0]
    assert "2 particles stand in" in read.notes[1]
    far = star(tmp_path / "b.star", [[5000, 6, 7], [4000, 1, 1]], PIXELS)
    with pytest.raises(InputError, match=r"All 2 particles of .* lie outside TS_01 .*say the pixel size"):
        read_particles(far, grid)
