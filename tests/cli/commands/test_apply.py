"""`hypseg apply` over a folder: damaged files, resuming, the table, and what is refused."""

import csv
import json
import shutil

import mrcfile
import numpy as np
import pytest

from napari_hypseg import pipeline
from napari_hypseg.cli.main import main
from napari_hypseg.jobs import quietly
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.structures.edits import AddLeaves, RenameStructure, TakeLeaves
from napari_hypseg.structures.leaf_ranges import to_ranges
from napari_hypseg.volumes import Specimen
from napari_hypseg.volumes.phantom import phantom
from tests.named_project import SETTINGS, named_project

EDGE = 24


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    return named_project(tmp_path_factory.mktemp("named") / "named", phantom((50, 50, 50), seed=1))


def write(path, voxels, size=10.0):
    with mrcfile.new(path) as file:
        file.set_data(voxels.astype(np.float32))
        file.voxel_size = size


@pytest.fixture
def day(tmp_path):
    """A folder of two volumes and a damaged one."""
    folder = tmp_path / "day"
    folder.mkdir()
    for name, seed in (("one", 2), ("two", 3)):
        write(folder / f"{name}.mrc", np.asarray(phantom((EDGE,) * 3, seed).volume.channels[0]))
    (folder / "broken.mrc").write_bytes((folder / "one.mrc").read_bytes()[:2000])
    (folder / "notes.txt").write_text("not a volume")
    return folder


def hypseg(capsys, *words):
    code = main(["apply", *map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_folder_is_done_without_its_damaged_file_and_resumed_without_touching_corrections(
    named, day, tmp_path, capsys
):
    out = tmp_path / "out"
    code, record = hypseg(capsys, named, day, "--out", out)
    assert code == 3
    assert [one["specimen"] for one in record["failures"]] == ["broken"]
    assert [(one["name"], one["was_there"]) for one in record["volumes"]] == [("one", False), ("two", False)]
    assert sorted(path.name for path in out.iterdir()) == ["one.hypseg", "structures.csv", "two.hypseg"]
    rows = list(csv.DictReader((out / "structures.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["source"], row["name"]) for row in rows] == [
        ("one", "object"), ("one", "inner"), ("two", "object"), ("two", "inner")
    ]  # fmt: skip
    for volume in record["volumes"]:
        project = Project.open(out / f"{volume['name']}.hypseg")
        mask = project.structures.mask("object")[:]
        (row,) = [row for row in rows if (row["source"], row["name"]) == (volume["name"], "object")]
        assert volume["structures"]["object"] == mask.sum() == int(row["voxels"])
        assert float(row["volume_nm3"]) == pytest.approx(mask.sum())
        assert 0 < volume["certainty"] <= 1
        assert len(volume["left_out"]) == 2
    corrected = Project.open(out / "two.hypseg", write=True)
    corrected.structures.do(RenameStructure(structure=1, name="corrected"))
    corrected.close()
    before = (out / "one.hypseg" / "segmentations").stat().st_mtime_ns
    code, record = hypseg(capsys, named, day, "--out", out)
    assert [(one["name"], one["was_there"]) for one in record["volumes"]] == [("one", True), ("two", True)]
    assert (out / "one.hypseg" / "segmentations").stat().st_mtime_ns == before
    assert "corrected" in (out / "structures.csv").read_text()


@pytest.mark.parametrize(
    "place",
    ["napari_hypseg.supervoxels.leaf_space.nearest_leaves", "napari_hypseg.pipeline.apply.replay_on_same_leaves"],
)
def test_what_was_stopped_halfway_is_done_again(named, day, tmp_path, capsys, monkeypatch, place):
    def stopped(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(place, stopped)
        code, record = hypseg(capsys, named, day / "one.mrc", "--out", tmp_path)
    assert code == 130
    assert "0 of 1 volumes are done" in record["error"]
    code, record = hypseg(capsys, named, day / "one.mrc", "--out", tmp_path)
    assert (code, record["volumes"][0]["was_there"]) == (0, False)
    assert record["volumes"][0]["structures"].keys() == {"object", "inner"}


def test_what_was_done_follows_the_project_unless_it_was_corrected(named, day, tmp_path, capsys):
    renamed = shutil.copytree(named, tmp_path / "named.hypseg")
    words = [renamed, day / "one.mrc", day / "two.mrc", "--out", tmp_path / "out"]
    assert hypseg(capsys, *words)[0] == 0
    corrected = Project.open(tmp_path / "out" / "two.hypseg", write=True)
    held = to_ranges(np.flatnonzero(corrected.structures.annotation.leaves(1))[:1])
    corrected.structures.do(TakeLeaves(structure=1, leaves=held))
    corrected.close()
    source = Project.open(renamed, write=True)
    source.structures.do(RenameStructure(structure=1, name="thing"))
    more = to_ranges(np.flatnonzero(source.structures.annotation.free_leaves())[:2])
    source.structures.do(AddLeaves(structure=1, leaves=more))
    source.close()
    code, record = hypseg(capsys, *words)
    one, two = record["volumes"]
    assert (code, one["was_there"], list(one["structures"])) == (0, True, ["thing", "inner"])
    assert one["updated"] == ["rename object to thing", "correct thing as in named (+2 leaves)"]
    assert (two["updated"], two["kept"]) == (["rename object to thing"], ["thing (it was corrected here)"])
    other = Project.open(tmp_path / "out" / "two.hypseg", write=True)
    code, record = hypseg(capsys, *words)
    assert code == 5
    assert "open for writing in this program" in record["failures"][0]["sentence"]
    assert [volume["updated"] for volume in record["volumes"]] == [[]]
    other.close()


def test_other_regions_are_kept_unless_they_may_be_replaced(named, day, tmp_path, capsys):
    renamed = shutil.copytree(named, tmp_path / "named.hypseg")
    words = [renamed, day / "one.mrc", "--out", tmp_path / "out"]
    assert hypseg(capsys, *words)[0] == 0
    applied = Project.open(tmp_path / "out" / "one.hypseg")
    origin = {**applied.training["applied"], "segmentation": "f" * 16}
    applied.store.write_json(applied.store.training_file, {**applied.training, "applied": origin})
    code, record = hypseg(capsys, *words)
    assert code == 5
    assert "was made from other regions of it" in record["failures"][0]["sentence"]
    code, record = hypseg(capsys, *words, "--overwrite")
    assert (code, record["volumes"][0]["was_there"]) == (0, False)


def test_what_was_made_from_something_else_is_kept(named, day, tmp_path, capsys):
    other = Project.create(tmp_path / "one", [Specimen(phantom((EDGE,) * 3, 5).volume)], RunSettings.check(SETTINGS))
    quietly(pipeline.learn(other))
    other.close()
    code, record = hypseg(capsys, named, day / "one.mrc", "--out", tmp_path)
    assert code == 5
    assert "one.hypseg exists already and was made from something else" in record["failures"][0]["sentence"]
    assert record["table"] is None


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda out: (out.parent.mkdir(), out.write_text("mine")), "is in the way and is no table"),
        (lambda out: out.parent.write_text("mine"), "cannot be made"),
    ],
)
def test_what_is_in_the_way_is_not_replaced(named, day, tmp_path, capsys, make, said):
    table = tmp_path / "out" / "structures.csv"
    make(table)
    code, record = hypseg(capsys, named, day, "--out", tmp_path / "out")
    assert code == 4
    assert said in record["error"]


def test_the_project_itself_is_never_replaced(named, tmp_path, capsys):
    write(tmp_path / "named.mrc", np.zeros((4, 4, 4)))
    code, record = hypseg(capsys, named, tmp_path / "named.mrc", "--out", named.parent, "--overwrite")
    assert code == 4
    assert "would write over" in record["error"]


def test_another_voxel_size_and_nothing_at_all_are_said(named, day, tmp_path, capsys):
    code, record = hypseg(capsys, named, day / "one.mrc", "--voxel-size", "20Å", "--out", tmp_path / "out")
    assert code == 3
    assert "20×20×20 Å but those of named.hypseg 10×10×10 Å" in record["failures"][0]["sentence"]
    assert hypseg(capsys, named, "--out", tmp_path)[0] == 2
    (tmp_path / "empty").mkdir()
    assert "no volume in" in hypseg(capsys, named, tmp_path / "empty", "--out", tmp_path)[1]["error"]
