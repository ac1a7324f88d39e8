"""The files a project was made from: links, moves, and other files under the old name."""

import os
from pathlib import Path

import h5py
import mrcfile
import nibabel
import numpy as np
import pytest

from napari_hypseg.errors import OutputError, ProjectError
from napari_hypseg.io.opening import open_volume
from napari_hypseg.io.writing import write_volume
from napari_hypseg.project.project import Project
from napari_hypseg.project.records import SpecimenRecord
from napari_hypseg.project.relinking import find_files
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Box, Specimen, join_channels
from napari_hypseg.volumes.binning import binned

SHAPE = (6, 7, 8)


def tomogram(path: Path, seed: int = 0, size: float = 10.0) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    with mrcfile.new(path, np.random.default_rng(seed).normal(size=SHAPE).astype(np.float32), overwrite=True) as file:
        file.voxel_size = size
    return path


def make(project: Path, *sources: Path, mask: Path | None = None) -> Project:
    joined = join_channels([open_volume(source) for source in sources])
    return Project.create(project, [Specimen(joined, open_volume(mask) if mask else None)], RunSettings())


def opened_from(project: Path) -> list[Path]:
    (specimen,) = Project.open(project).specimens
    masks = specimen.mask.sources if specimen.mask else ()
    return [*specimen.volume.sources, *masks]


def test_a_link_is_remembered_by_its_own_name(tmp_path):
    kept = tomogram(tmp_path / "cache" / "t.mrc").rename(tmp_path / "cache" / "ab12cd34")
    (tmp_path / "t.mrc").symlink_to(kept)
    project = make(tmp_path / "p.hypseg", tmp_path / "t.mrc").path
    assert opened_from(project) == [tmp_path / "t.mrc"]
    assert Project.open(project).source_notes() == ()


def test_a_project_moved_with_its_files_finds_them(tmp_path):
    before = tmp_path / "before"
    tomogram(before / "data" / "a.mrc"), tomogram(before / "b.mrc", 1), tomogram(before / "mask.mrc", 2)
    make(before / "p.hypseg", before / "data" / "a.mrc", before / "b.mrc", mask=before / "mask.mrc")
    before.rename(tmp_path / "after")
    after = tmp_path / "after"
    expected = [after / "data" / "a.mrc", after / "b.mrc", after / "mask.mrc"]
    assert opened_from(after / "p.hypseg") == expected
    assert set(expected) < set(Project.open(after / "p.hypseg").inputs)


def test_a_project_opened_by_another_name_finds_them(tmp_path, monkeypatch):
    project = make(tmp_path / "here" / "p.hypseg", tomogram(tmp_path / "here" / "t.mrc")).path
    (tmp_path / "link").symlink_to(project)
    (tmp_path / "here" / "t.mrc").rename(tmp_path / "here" / "gone.mrc")
    (tmp_path / "here").rename(tmp_path / "there")
    (tmp_path / "there" / "gone.mrc").rename(tmp_path / "there" / "t.mrc")
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to(tmp_path / "there" / "p.hypseg")
    monkeypatch.chdir(tmp_path)
    assert opened_from(Path("link")) == [tmp_path / "there" / "t.mrc"]


def test_the_same_file_beside_the_project_is_found_and_another_is_not(tmp_path):
    project = make(tmp_path / "work" / "p.hypseg", tomogram(tmp_path / "data" / "t.mrc")).path
    moved = (tmp_path / "data" / "t.mrc").rename(tmp_path / "work" / "t.mrc")
    assert opened_from(project) == [moved]
    tomogram(moved, seed=9)
    with pytest.raises(ProjectError, match=r"data/t\.mrc is missing.*hypseg relink"):
        assert Project.open(project).specimens


def test_of_two_files_the_one_with_the_recorded_voxels_is_taken(tmp_path):
    project = make(tmp_path / "before" / "p.hypseg", tomogram(tmp_path / "before" / "t.mrc")).path
    project.parent.rename(tmp_path / "after")
    tomogram(tmp_path / "before" / "t.mrc", seed=9)
    assert opened_from(tmp_path / "after" / "p.hypseg") == [tmp_path / "after" / "t.mrc"]
    assert Project.open(tmp_path / "after" / "p.hypseg").source_notes() == ()


@pytest.mark.parametrize(("name", "size"), [("t.mrc", 4.0), ("mask.mrc", 10.0)])
def test_a_file_replaced_under_its_name_is_told(name, size, tmp_path):
    tomogram(tmp_path / "t.mrc"), tomogram(tmp_path / "mask.mrc", 1)
    project = make(tmp_path / "p.hypseg", tmp_path / "t.mrc", mask=tmp_path / "mask.mrc")
    tomogram(tmp_path / name, seed=9, size=size)
    (note,) = Project.open(project.path).source_notes()
    assert f"{name} is not the file that p.hypseg was made from" in note
    (specimen,) = Project.open(project.path).specimens
    assert note in specimen.volume.notes
    assert specimen.volume.voxel_size == (10, 10, 10)


def test_a_corrected_voxel_size_is_no_other_file(tmp_path):
    project = make(tmp_path / "p.hypseg", tomogram(tmp_path / "t.mrc"))
    project.correct_voxel_size(0, (3.0, 3.0, 3.0), "nanometer")
    tomogram(tmp_path / "t.mrc", size=4.0)
    assert Project.open(project.path).source_notes() == ()


def test_a_binned_volume_keeps_its_voxel_size_and_nobody_is_told_that_it_has_none(tmp_path):
    """It lies in the project's folder, in a file that cannot say it."""
    volume = open_volume(tomogram(tmp_path / "t.mrc"))
    project = Project.create(tmp_path / "p.hypseg", [binned(Specimen(volume), (2, 2, 2))], RunSettings())
    (again,) = Project.open(project.path).specimens
    assert again.volume.sources[0].suffix == ".npy"
    assert (again.volume.voxel_size, again.volume.unit, again.volume.notes) == ((20.0, 20.0, 20.0), "angstrom", ())


def test_records_of_older_versions_and_damaged_ones(tmp_path):
    project = make(tmp_path / "p.hypseg", tomogram(tmp_path / "t.mrc"))
    record = project.records[0].as_json()
    old = {key: value for key, value in record.items() if "relative" not in key and "voxels" not in key}
    assert SpecimenRecord.from_json(old).files == ((str(tmp_path / "t.mrc"), None),)
    with pytest.raises(ValueError, match="differ in number"):
        SpecimenRecord.from_json({**record, "relative_sources": ["a", "b"]})


@pytest.mark.skipif(os.name == "nt", reason="names there are no bytes")
def test_a_name_that_is_no_text_comes_back(tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/M\xfcller"))
    project = make(folder / "p.hypseg", tomogram(folder / "t.mrc")).path
    assert opened_from(project) == [folder / "t.mrc"]


def test_data_sets_are_found_after_their_file_moved(tmp_path):
    (tmp_path / "data").mkdir()
    with h5py.File(tmp_path / "data" / "cell.h5", "w") as file:
        for seed, name in enumerate(["volumes/raw", "volumes/other", "mask"]):
            file[name] = np.random.default_rng(seed).normal(size=SHAPE)
    (tmp_path / "link.h5").symlink_to(tmp_path / "data" / "cell.h5")
    names = ["volumes/raw", "mask"]
    raw, mask = (tmp_path / "link.h5" / name for name in names)
    project = make(tmp_path / "p.hypseg", raw, mask=mask).path
    assert opened_from(project) == [raw, mask]
    (tmp_path / "link.h5").unlink()
    with pytest.raises(ProjectError, match=r"link\.h5/volumes/raw.* missing"):
        opened_from(project)
    (tmp_path / "data" / "cell.h5").rename(tmp_path / "data" / "link.h5")
    record = Project.open(project).records[0]
    assert record.files[0].name == "link.h5"
    found = find_files(project, record, [tmp_path / "data"])
    assert found == tuple(tmp_path / "data" / "link.h5" / name for name in names)
    (tmp_path / "data" / "link.h5").rename(tmp_path / "link.h5")
    assert opened_from(project) == [raw, mask]
    assert tmp_path / "link.h5" / "mask" in Project.open(project).inputs


def head(path: Path, flip: bool = False) -> Path:
    """The same head, stored from left to right or from right to left."""
    grey = np.random.default_rng(0).normal(size=SHAPE[::-1]).astype(np.float32)
    image = nibabel.Nifti1Image(grey, np.diag([1.0, 2.0, 3.0, 1.0]))
    image.set_qform(image.affine, code=1)
    nibabel.save(image.as_reoriented(np.array([[0, -1], [1, 1], [2, 1]])) if flip else image, path)
    return path


def test_the_direction_is_kept_and_a_file_stored_another_way_is_the_same(tmp_path):
    project = make(tmp_path / "p.hypseg", head(tmp_path / "t.nii"), mask=head(tmp_path / "mask.nii", flip=True))
    np.testing.assert_allclose(project.records[0].direction, np.eye(3))
    before = project.specimens[0]
    expected = np.asarray(before.volume.channels[0])
    np.testing.assert_array_equal(np.asarray(before.mask.channels[0]), expected)
    head(tmp_path / "t.nii", flip=True)
    assert Project.open(project.path).source_notes() == ()
    (again,) = Project.open(project.path).specimens
    np.testing.assert_array_equal(np.asarray(again.volume.channels[0]), expected)


def test_a_record_of_an_earlier_version_has_the_direction_of_its_affine(tmp_path):
    project = make(tmp_path / "p.hypseg", head(tmp_path / "t.nii", flip=True))
    record = project.records[0].as_json()
    del record["direction"]
    assert SpecimenRecord.from_json(record).direction == project.records[0].direction
    assert SpecimenRecord.from_json({**record, "metadata": {}}).direction is None


@pytest.mark.parametrize("direction", [[[1, 0, 0]] * 3, [[1, 0], [0, 1]], "up", [[1, 0, 0], [0, 1, 0], [0, 0, None]]])
def test_a_damaged_direction_is_refused(direction, tmp_path):
    record = make(tmp_path / "p.hypseg", head(tmp_path / "t.nii")).records[0].as_json()
    with pytest.raises(ValueError, match="direction"):
        SpecimenRecord.from_json({**record, "direction": direction})


def test_no_project_is_made_in_a_source_or_in_another_project(tmp_path):
    first = make(tmp_path / "p.hypseg", tomogram(tmp_path / "t.mrc")).path
    with pytest.raises(OutputError, match="lies inside the project"):
        make(first / "volumes" / "q.hypseg", tmp_path / "t.mrc")
    zarr = write_volume(tmp_path / "t.zarr", open_volume(tmp_path / "t.mrc"), Box.whole(SHAPE))[0]
    with pytest.raises(OutputError, match="would write over"):
        make(zarr / "q.hypseg", zarr)
    assert not (zarr / "q.hypseg").exists()
