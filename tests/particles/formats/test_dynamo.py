import numpy as np
import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.orientations import DYNAMO
from napari_hypseg.particles.particle_files import read_particles, write_particles


def row(number, tomogram, xyz, angles=(0, 0, 0), shift=(0, 0, 0), width=35):
    """A row of a table, of which one column is a complex number as Dynamo writes some."""
    columns = [0] * width
    columns[0], columns[1], columns[19] = number, 1, tomogram
    columns[3:6], columns[6:9], columns[23:26], columns[27] = shift, angles, xyz, "0.5+0.2i"
    return " ".join(map(str, columns))


def test_columns_are_where_dynamo_has_them(tmp_path, particles):
    write_particles(tmp_path / "a.tbl", particles, FileSettings(tomo_number=3))
    table = np.loadtxt(tmp_path / "a.tbl")
    assert table.shape == (60, 36)
    np.testing.assert_allclose(table[:, 23:26], particles.positions[:, ::-1], atol=1e-5)
    np.testing.assert_allclose(table[:, 6:9], DYNAMO.angles(particles.orientations), atol=1e-5)
    assert set(table[:, 19]) == {3}
    assert set(table[:, 35]) == {40}
    np.testing.assert_array_equal(table[:, 20], particles.scalars["parent"])


def test_shifts_are_applied_and_one_tomogram_is_chosen(tmp_path, grid):
    path = tmp_path / "a.tbl"
    path.write_text("\n".join([row(1, 4, (10, 20, 30), (11, 22, 33), (1, -2, 0.5)), row(2, 9, (3, 3, 3))]))
    with pytest.raises(InputError, match="of the tomograms 4, 9; say which one"):
        read_particles(path, grid)
    with pytest.raises(InputError, match="no particle of tomogram 5, only of 4, 9"):
        read_particles(path, grid, FileSettings(tomo_number=5))
    read = read_particles(path, grid, FileSettings(tomo_number=4)).particles
    assert read.positions.tolist() == [[30.5, 18, 11]]
    np.testing.assert_allclose(DYNAMO.angles(read.orientations), [[11, 22, 33]])


def test_a_table_with_too_few_columns_is_refused(tmp_path, grid):
    (tmp_path / "a.tbl").write_text("1 2 3 4\n")
    with pytest.raises(InputError, match="has 4 columns, and a Dynamo table at least 26"):
        read_particles(tmp_path / "a.tbl", grid)
    (tmp_path / "b.tbl").write_text("\n")
    with pytest.raises(InputError, match="is empty"):
        read_particles(tmp_path / "b.tbl", grid)
    (tmp_path / "c.tbl").write_text(row(1, 1, ("x", 2, 3)))
    with pytest.raises(InputError, match="no position for particle 1"):
        read_particles(tmp_path / "c.tbl", grid)
