import mrcfile
import numpy as np
import pytest

from napari_hypseg.errors import OutputError, SettingError
from napari_hypseg.jobs import quietly
from napari_hypseg.particles import boxes as boxes_module
from napari_hypseg.particles.box_settings import BoxSettings
from napari_hypseg.particles.box_stack import write_box_stack_job
from napari_hypseg.particles.boxes import ParticleBoxes
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid

SHAPE = (30, 32, 34)


def boxes_of(size, binning=1, unit="nanometer", n=25):
    rng = np.random.default_rng(0)
    tomogram = rng.normal(size=SHAPE).astype(np.float32)
    grid = TomogramGrid("cell", SHAPE, (2.0, 2.0, 2.0), unit)
    particles = ParticleSet(grid, rng.uniform(10, 20, (n, 3)))
    return ParticleBoxes(particles, tomogram, BoxSettings(box_size=size, box_binning=binning))


@pytest.mark.parametrize("size", [5, 6])
def test_a_stack_is_what_mrcfile_calls_one_and_holds_the_boxes_in_their_order(tmp_path, monkeypatch, size):
    boxes = boxes_of(size, binning=2)
    monkeypatch.setattr(boxes_module, "BATCH_BYTES", 3 * 4 * size**3)
    quietly(write_box_stack_job(tmp_path / "stack.mrcs", boxes))
    with mrcfile.open(tmp_path / "stack.mrcs") as file:
        assert file.is_volume_stack()
        assert file.validate()
        np.testing.assert_array_equal(file.data, boxes[:])
        assert file.voxel_size.tolist() == (40, 40, 40)
        assert float(file.header.dmax) == pytest.approx(boxes[:].max())


def test_an_unknown_voxel_size_is_written_as_unknown(tmp_path):
    quietly(write_box_stack_job(tmp_path / "stack.mrc", boxes_of(4, unit="pixel")))
    with mrcfile.open(tmp_path / "stack.mrc") as file:
        assert file.header.cella.tolist() == (0, 0, 0)
        assert file.data.shape == (25, 4, 4, 4)


def test_nothing_is_written_over_what_is_read_and_other_names_are_refused(tmp_path):
    (tmp_path / "cell.mrc").touch()
    with pytest.raises(OutputError, match="read from"):
        quietly(write_box_stack_job(tmp_path / "cell.mrc", boxes_of(4), [tmp_path / "cell.mrc"]))
    with pytest.raises(SettingError, match=r"end in \.mrc or \.mrcs"):
        quietly(write_box_stack_job(tmp_path / "cell.h5", boxes_of(4)))


def test_a_stack_that_is_given_up_leaves_nothing(tmp_path):
    job = write_box_stack_job(tmp_path / "stack.mrc", boxes_of(4))
    next(job)
    job.close()
    assert not (tmp_path / "stack.mrc").exists()
