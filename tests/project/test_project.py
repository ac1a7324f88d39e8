"""The project folder: made, opened, damaged, overwritten."""

import json

import numpy as np
import pytest

from napari_hypseg.errors import InputError, OutputError, ProjectError, SettingError
from napari_hypseg.hierarchy.tree import PARTS, Hierarchy
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Box, Specimen, Volume, join_channels

RANDOM = np.random.default_rng(0)
SHAPE = (6, 7, 8)


def specimen(**kwargs):
    return Specimen(Volume((RANDOM.normal(size=SHAPE).astype(np.float32),), name="cell", **kwargs))


def tree():
    """((0 1) (2 3))."""
    parents = np.array([4, 4, 5, 5, 6, 6, 6], dtype=np.int32)
    altitudes = np.array([0, 0, 0, 0, 1, 2, 3], dtype=np.float32)
    return Hierarchy(parents, altitudes, np.array([84] * 4 + [168] * 2 + [336]), RANDOM.normal(size=(4, 2)))


def add_segmentation(project, hierarchy=None):
    (leaves,) = project.store.start_segmentation([SHAPE])
    leaves[:] = np.arange(336).reshape(SHAPE) // 84 + 1
    project.store.finish_segmentation({PARTS: hierarchy or tree()}, {"seconds": 1})
    project.reload()


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "cell", [specimen(voxel_size=(2.0, 1.0, 1.0))], RunSettings())


def test_arrays_from_memory_are_kept_in_the_folder(project):
    opened = Project.open(project.path).specimens[0]
    np.testing.assert_array_equal(opened.volume.channels[0][:], project.specimens[0].volume.channels[0])
    assert opened.volume.voxel_size == (2.0, 1.0, 1.0)
    assert project.path.name == "cell.hypseg"


def test_mask_and_box_come_back(tmp_path):
    mask = Volume((np.eye(8, dtype=np.uint8)[None, :7].repeat(6, axis=0),))
    whole = Specimen(specimen().volume, mask, Box((1, 0, 0), (5, 7, 8)))
    opened = Project.open(Project.create(tmp_path / "m", [whole], RunSettings()).path).specimens[0]
    np.testing.assert_array_equal(opened.inside(opened.volume.box), whole.inside(whole.volume.box))
    assert opened.fingerprint == whole.fingerprint


def test_levels_are_kept_renamed_and_removed(project):
    add_segmentation(project)
    seen = []
    project.changed.connect(seen.append)
    project.set_regions(2)
    first = project.keep_level()
    assert first.name == "2 regions"
    assert project.keep_level().name == "2 regions (2)"
    project.rename_level("2 regions", "coarse")
    project.remove_level("2 regions (2)")
    assert [level.name for level in Project.open(project.path).levels] == ["coarse"]
    assert seen == ["regions", "levels", "levels", "levels", "levels"]
    with pytest.raises(SettingError, match="already a level"):
        project.keep_level("coarse")
    with pytest.raises(SettingError, match="kept levels: coarse"):
        project.level("fine")


def test_a_kept_level_survives_a_new_segmentation(project):
    add_segmentation(project)
    project.set_regions(2)
    project.keep_level("old")
    before = project.label_image(project.level("old")).data[:]
    newer = tree()
    newer.points[:] += 1
    add_segmentation(project, newer)
    project.forget_unused()
    assert project.level("old").segmentation != project.segmentation.fingerprint
    np.testing.assert_array_equal(project.label_image(project.level("old")).data[:], before)
    project.remove_level("old")
    project.forget_unused()
    folders = [folder for folder in (project.path / "segmentations").iterdir() if folder.is_dir()]
    assert [folder.name for folder in folders] == [project.segmentation.fingerprint]


@pytest.mark.parametrize("k", [0, 5, -1])
def test_regions_out_of_range_are_refused(project, k):
    add_segmentation(project)
    with pytest.raises(SettingError, match="1 to 4"):
        project.set_regions(k)


def test_nothing_to_show_before_the_first_segmentation(project):
    with pytest.raises(ProjectError, match="no segmentation yet"):
        project.label_image()


def test_an_existing_project_is_not_overwritten_unasked(project):
    with pytest.raises(ProjectError, match="exists already"):
        Project.create(project.path, [specimen()], RunSettings())
    add_segmentation(project)
    again = Project.create(project.path, [specimen()], RunSettings(), overwrite=True, holder=project)
    assert again.segmentation is None
    assert Project.open(project.path, resume=True).segmentation is None


def test_overwriting_spares_its_own_sources_and_the_files_of_others(project):
    add_segmentation(project)
    (project.path / "figure.png").write_text("mine")
    opened = Project.open(project.path).specimens[0]
    before = np.array(opened.volume.channels[0][:])
    assert opened.volume.sources
    new = specimen()
    inside = Specimen(opened.volume, box=Box((1, 0, 0), (5, 7, 8)))
    again = Project.create(project.path, [new, inside], RunSettings(), True, holder=project)
    assert again.records[1].sources == ("volumes/0-0.npy",)
    add_segmentation(again)
    again.forget_unused()
    again.close()
    assert (project.path / "figure.png").exists()
    moved = project.path.rename(project.path.with_name("moved.hypseg"))
    first, second = Project.open(moved).specimens
    np.testing.assert_array_equal(first.volume.channels[0][:], new.volume.channels[0])
    np.testing.assert_array_equal(second.volume.channels[0][:], before)


def test_a_source_among_the_segmentations_is_not_overwritten(project):
    add_segmentation(project)
    inside = next(project.path.glob("segmentations/*/leaves-0.zarr"))
    taken = Specimen(Volume((np.asarray(project.leaves[0][:]),), sources=(inside,)))
    with pytest.raises(ProjectError, match="inside the project"):
        Project.create(project.path, [taken], RunSettings(), overwrite=True)
    assert Project.open(project.path).segmentation is not None


def test_the_same_segmentation_made_again_replaces_the_first(project):
    hierarchy = tree()
    add_segmentation(project, hierarchy)
    add_segmentation(project, hierarchy)
    assert project.label_image().data[:].max() == 4
    folders = [folder.name for folder in (project.path / "segmentations").iterdir() if folder.is_dir()]
    assert folders == [project.segmentation.fingerprint]


def test_a_folder_that_is_no_project_is_never_removed(tmp_path):
    stranger = tmp_path / "thesis.hypseg"
    stranger.mkdir()
    (stranger / "thesis.tex").write_text("years of work")
    with pytest.raises(ProjectError, match="is no hypseg project"):
        Project.create(stranger, [specimen()], RunSettings(), overwrite=True)
    assert (stranger / "thesis.tex").exists()


def test_an_unwritable_folder_is_named(tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(OutputError, match="file"):
        Project.create(blocker / "cell", [specimen()], RunSettings())


def test_specimens_need_the_same_channels(tmp_path):
    one, two = specimen(), specimen()
    two = Specimen(join_channels([two.volume, two.volume]))
    with pytest.raises(InputError, match="same number of channels"):
        Project.create(tmp_path / "x", [one, two], RunSettings())


def test_what_is_damaged_is_named_and_the_rest_opens(project):
    add_segmentation(project)
    project.keep_level("kept")
    project.store.checkpoint_file.write_bytes(b"not a checkpoint")
    project.store.training_file.write_text("{")
    opened = Project.open(project.path)
    assert len(opened.damage) == 2
    assert "training.json" in opened.damage[0]
    assert "checkpoint.safetensors" in opened.damage[1]
    assert opened.label_image(opened.level("kept")).data[:].max() == 4


def test_a_damaged_tree_leaves_the_specimens(project):
    add_segmentation(project)
    tree_file = next(project.path.glob("segmentations/*/tree.zarr/parents/zarr.json"))
    tree_file.write_text("nonsense")
    opened = Project.open(project.path)
    assert opened.segmentation is None
    assert "segmentation" in opened.damage[0]
    assert opened.specimens[0].volume.shape == SHAPE


@pytest.mark.parametrize("content", ["", "{", "[]", '{"specimens": 3}'])
def test_a_damaged_record_is_named(project, content):
    project.store.project_file.write_text(content)
    with pytest.raises(ProjectError, match=r"project\.json"):
        Project.open(project.path)


def test_a_missing_source_is_named(project):
    (project.path / "volumes" / "0-0.npy").unlink()
    opened = Project.open(project.path)
    with pytest.raises(ProjectError, match=r"cell of cell\.hypseg cannot be opened"):
        opened.specimens  # noqa: B018 - opening happens here


def test_no_project_is_no_project(tmp_path):
    with pytest.raises(ProjectError, match=r"is not a hypseg project: the record"):
        Project.open(tmp_path)


def test_the_record_is_plain_json(project):
    record = json.loads(project.store.project_file.read_text())
    assert record["settings"]["method"] == "hyperbolic"
    assert record["specimens"][0]["voxel_size"] == [2.0, 1.0, 1.0]
    assert "version" not in record or record["version"]


def test_however_many_segmentations_are_loaded_their_pictures_share_one_memory(project):
    add_segmentation(project)
    project.set_regions(2)
    level = project.keep_level("first")
    add_segmentation(project, tree())
    project.reload()
    pictures = [project.segmentation, project.segmentation_of(level)]
    project.reload()
    pictures.append(project.segmentation)
    assert len({picture.fingerprint for picture in pictures}) == 2
    for picture in pictures:
        picture.pictured[0][0][2, :, :]
    memory = pictures[0].memory
    assert all(picture.memory is memory for picture in pictures)
    assert memory.bytes == 3 * 2 * 336
    assert Project.open(project.path).segmentation.memory is not memory
