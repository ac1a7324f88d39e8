import numpy as np
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.project.label_choice import LabelChoice
from napari_hypseg.project.structure_image import shown_image, structure_image
from napari_hypseg.structures.edits import MakeStructure, PaintVoxels
from napari_hypseg.structures.voxel_runs import encode_runs, runs_of
from tests.project.conftest import SHAPE


def test_what_is_shown_is_structures_and_the_regions_of_the_rest_voxel_for_voxel(whole):
    project = whole()
    project.structures.do(MakeStructure(name="shell", colour=(1, 0, 0), leaves="0"))
    project.structures.do(MakeStructure(name="lumen", colour=(0, 1, 0), leaves="2"))
    project.set_regions(4)
    image = shown_image(project)
    leaves = np.asarray(project.leaves[0][:])
    numbers = project.hierarchy.numbers
    expected = np.select([leaves == 1, leaves == 3], [1, 2], np.append(0, numbers[:4] + 2)[leaves])
    np.testing.assert_array_equal(image.data[:], expected)
    assert sorted(image.names) == sorted(np.unique(expected).tolist())
    assert (image.names[1], image.names[2]) == ("shell", "lumen")
    voxels = encode_runs(runs_of(np.array([0, 1, 335])))
    project.structures.do(PaintVoxels(structure=2, specimen=0, shape=SHAPE, voxels=voxels))
    project.structures.do(PaintVoxels(structure=None, specimen=0, shape=SHAPE, voxels=encode_runs(runs_of([2]))))
    expected.flat[[0, 1, 335]] = 2
    expected.flat[2] = numbers[0] + 2
    np.testing.assert_array_equal(shown_image(project).data[:], expected)
    project.close()


def test_without_structures_what_is_shown_are_the_regions_and_all_structures_are_none(whole):
    project = whole()
    np.testing.assert_array_equal(shown_image(project).data[:], project.label_image().data[:])
    with pytest.raises(SettingError, match="has no structures yet"):
        structure_image(project, ())
    with pytest.raises(SettingError, match="Labels cannot be 'x'; choose one of shown"):
        LabelChoice("x").image(project, 0)
    project.close()
