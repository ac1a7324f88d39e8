import numpy as np
import pytest

from napari_hypseg.jobs import quietly
from napari_hypseg.particles.counting import count_particles, count_per_parent, with_nearest
from napari_hypseg.particles.parents import assign_parents_job
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.structures.instances import InstanceSettings, instances_job
from napari_hypseg.structures.measured_objects import MeasuredGroup, MeasuredObject, MeasuredPlace
from napari_hypseg.structures.measurements import measure_job

SHAPE = (20, 40, 50)
EDGES = (20.0, 10.0, 10.0)
GRID = TomogramGrid("cell", SHAPE, EDGES, "nanometer")


@pytest.fixture
def viruses():
    """Two blocks, the larger one at the lower border of all axes."""
    mask = np.zeros(SHAPE, bool)
    mask[0:10, 0:20, 0:20] = True
    mask[5:15, 25:35, 30:40] = True
    return quietly(instances_job(mask, EDGES, InstanceSettings()))


def test_a_particle_belongs_to_what_it_lies_in_or_to_what_is_near(viruses):
    places = [[5, 5, 5], [9.4, 19.4, 19], [10, 5, 5], [5, 30, 42], [5, 30, 43.5], [19, 39, 49], [0, 21.5, 3]]
    particles = ParticleSet(GRID, places)
    assert quietly(assign_parents_job(particles, viruses)).tolist() == [1, 1, 1, 2, 2, 0, 1]
    assert quietly(assign_parents_job(particles, viruses, reach=15.0)).tolist() == [1, 1, 0, 0, 0, 0, 0]
    assert quietly(assign_parents_job(particles, viruses, reach=1e6)).tolist() == [1, 1, 1, 2, 2, 2, 1]


def test_counts_densities_and_distances_of_each_parent(viruses):
    rows = tuple(MeasuredObject(n, n, f"virus #{n}", "virus") for n in (1, 2))
    group = MeasuredGroup(viruses.data, rows, viruses.data.box)
    measured = quietly(measure_job([group], MeasuredPlace(EDGES, "nanometer")))
    particles = ParticleSet(GRID, [[5, 5, 5], [5, 5, 8], [5, 8, 5], [5, 30, 35], [19, 0, 49]])
    table = count_per_parent(particles, np.array([1, 1, 1, 2, 0]), measured)
    assert table["particles"].tolist() == [3, 1]
    assert table["per_um3"][0] == pytest.approx(3 / (4000 * 2000e-9))
    assert table["nearest"][0] == pytest.approx(30)
    assert np.isnan(table["nearest"][1])
    assert table.column("nearest").header == "nearest_nm"
    assert [column.key for column in table.columns][:3] == ["id", "name", "particles"]
    assert table["per_um2"][1] > 0


def test_a_table_of_pieces_has_one_unit_of_length(viruses):
    rows = tuple(MeasuredObject(n, n, f"virus #{n}", "virus") for n in (1, 2))
    group = MeasuredGroup(viruses.data, rows, viruses.data.box)
    grid = TomogramGrid("cell", SHAPE, EDGES, "angstrom")
    measured = quietly(measure_job([group], MeasuredPlace(EDGES, "angstrom")))
    unit = measured.column("equivalent_diameter").unit
    assert unit == "nanometer"  # which makes the numbers short
    table = count_per_parent(ParticleSet(grid, [[5, 5, 5], [5, 5, 8], [5, 8, 5]]), np.array([1, 1, 1]), measured)
    assert {column.unit for column in table.columns if column.key == "nearest"} == {unit}
    assert table["nearest"][0] == pytest.approx(3)


def test_the_whole_set_is_counted():
    particles = with_nearest(ParticleSet(GRID, [[0, 0, 0], [0, 0, 3], [10, 0, 0]]))
    assert particles.scalars["nearest"].tolist() == pytest.approx([30, 30, 200])
    counted = count_particles(particles)
    assert (counted.count, counted.nearest, counted.free) == (3, 30, None)
    assert counted.density == pytest.approx(3 / (40000 * 2000e-9))
    assert count_particles(particles.with_scalars(parent=np.array([0, 1, 0]))).free == 2
    alone = count_particles(ParticleSet(TomogramGrid("cell", SHAPE), [[0, 0, 0]]))
    assert (alone.nearest, alone.density) == (None, None)
