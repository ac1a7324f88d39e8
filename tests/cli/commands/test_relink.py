"""`hypseg relink`: files that have moved are found by name and voxels, or named."""

import json
from pathlib import Path

import mrcfile
import numpy as np
import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.io.opening import open_channels, open_volume
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Specimen

SHAPE = (6, 7, 8)


def tomogram(path: Path, seed: int) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    mrcfile.write(path, np.random.default_rng(seed).normal(size=SHAPE).astype(np.float32), overwrite=True)
    return path


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """A project of two channels with a mask and of another volume, whose files lie in `new` now."""
    old = tmp_path / "old"
    for seed, name in enumerate(("a.mrc", "b.mrc", "mask.mrc", "c.mrc")):
        tomogram(old / name, seed)
    first = Specimen(open_channels(f"{old / 'a.mrc'}+{old / 'b.mrc'}"), open_volume(old / "mask.mrc"))
    pair = Specimen(open_channels(f"{old / 'c.mrc'}+{old / 'a.mrc'}"))
    made = Project.create(tmp_path / "work" / "p.hypseg", [first, pair], RunSettings())
    old.rename(tmp_path / "new")
    return made.path


@pytest.fixture
def relink(moved, capsys):
    def call(*words, code=0):
        capsys.readouterr()
        assert main(["relink", str(moved), *map(str, words), "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return call


def files_of(project: Path) -> list[str]:
    return [path.name for s in Project.open(project).specimens for path in s.volume.sources]


def test_a_folder_is_searched_with_all_that_is_in_it(relink, moved, tmp_path):
    tomogram(tmp_path / "0_other" / "a.mrc", 9)
    record = relink(tmp_path)
    assert len(record["relinked"]) == 5
    assert record["relinked"][0] == {
        "specimen": 0, "old": str(tmp_path / "old" / "a.mrc"), "new": str(tmp_path / "new" / "a.mrc"),
    }  # fmt: skip
    assert files_of(moved) == ["a.mrc", "b.mrc", "c.mrc", "a.mrc"]
    assert relink(tmp_path)["relinked"] == []


def test_files_may_be_named_one_by_one(relink, moved, tmp_path):
    (tmp_path / "new" / "b.mrc").rename(tmp_path / "new" / "renamed.mrc")
    new = tmp_path / "new"
    relink(f"a.mrc={new / 'a.mrc'}", f"b.mrc={new / 'renamed.mrc'}", f"mask.mrc={new / 'mask.mrc'}", new)
    assert files_of(moved) == ["a.mrc", "renamed.mrc", "c.mrc", "a.mrc"]


def test_a_renamed_file_is_known_by_its_voxels(relink, moved, tmp_path):
    new = tmp_path / "new"
    (new / "b.mrc").rename(new / "renamed.mrc")
    relink(new / "renamed.mrc", new)
    assert files_of(moved) == ["a.mrc", "renamed.mrc", "c.mrc", "a.mrc"]


def test_a_specimen_by_its_number(relink, moved, tmp_path):
    new = tmp_path / "new"
    tomogram(new / "other.mrc", 9)
    record = relink(new, f"1={new / 'other.mrc'}+{new / 'a.mrc'}")
    assert files_of(moved) == ["a.mrc", "b.mrc", "other.mrc", "a.mrc"]
    assert "not the file that p.hypseg was made from" in record["notes"][0]


def test_what_is_not_found_is_named(relink, moved, tmp_path):
    tomogram(tmp_path / "new" / "a.mrc", 9)
    sentence = relink(tmp_path / "new", code=5)["error"]
    assert "old/a.mrc" in sentence
    assert "does not exist" in relink(tmp_path / "nowhere", code=3)["error"]
    assert "knows no file z.mrc" in relink("z.mrc=b.mrc", code=2)["error"]
    assert "has 2 files" in relink(f"0={tmp_path / 'new' / 'a.mrc'}", code=2)["error"]
