"""The files a project was made from: links, moves, and other files under the old name."""

import os
from pathlib import Path

import h5py
import mrcfile
import numpy as np
import pytest

from napari_hypseg.errors import ProjectError
from napari_hypseg.io.registry import open_volume
from napari_hypseg.project.project import Project
from napari_hypseg.project.records import SpecimenRecord
from napari_hypseg.project.relinking import find_files
from napari_hypseg.project.settings import RunSettings
from napari_hypseg.volumes import Specimen

SHAPE = (6, 7, 8)


def tomogram(path: Path, seed: int = 0, size: float = 10.0) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    with mrcfile.new(path, np.random.default_rng(seed).normal(size=SHAPE).astype(np.float32), overwrite=True) as file:
        file.voxel_size = size
    return path


def make(project: Path, *sources: Path, mask: Path | None = None) -> Project:
    volume, *others = map(open_volume, sources)
    joined = volume.with_channels_of(others) if others else volume
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


@pytest.mark.parametrize("name", ["t.mrc", "mask.mrc"])
def test_a_file_replaced_under_its_name_is_told(name, tmp_path):
    tomogram(tmp_path / "t.mrc"), tomogram(tmp_path / "mask.mrc", 1)
    project = make(tmp_path / "p.hypseg", tmp_path / "t.mrc", mask=tmp_path / "mask.mrc")
    tomogram(tmp_path / name, seed=9, size=4.0)
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
