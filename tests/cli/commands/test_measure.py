"""`hypseg measure`: the count first, one table, the same numbers as in the voxels."""

import csv
import json

import numpy as np
import pytest
from scipy import ndimage

from napari_hypseg.cli.main import main
from napari_hypseg.io.opening import open_volume
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import MakeStructure, PaintVoxels
from napari_hypseg.structures.voxel_runs import encode_runs, runs_of

SHAPE = (20, 22, 24)
RED = (0.8, 0.2, 0.1)


@pytest.fixture
def edited(project):
    """The project with a structure of two regions, another inside it, and one that was painted; gives its path."""
    opened = Project.open(project, write=True)
    block = np.zeros(SHAPE, bool)
    block[3:7, 4:8, 5:9], block[12:15, 10:12, 15:18], block[0, 0, 0] = True, True, True
    for edit in (
        MakeStructure(name="particle", colour=RED, leaves="0-3"),
        MakeStructure(name="lumen", colour=RED, leaves="2", parent=1),
        MakeStructure(name="gold", colour=RED, leaves=""),
        PaintVoxels(structure=3, specimen=0, shape=SHAPE, voxels=encode_runs(runs_of(np.flatnonzero(block)))),
    ):
        opened.structures.do(edit)
    opened.close()
    return project


@pytest.fixture
def measure(capsys):
    """Carry out `hypseg measure … --json`; gives its object."""

    def call(*words):
        capsys.readouterr()
        code = main(["measure", *map(str, words), "--json"])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        return json.loads(captured.out)

    return call


def failure(capsys, *words):
    capsys.readouterr()
    assert main(["measure", *map(str, words)]) != 0
    return capsys.readouterr().err


def test_structures_are_measured_with_what_lies_inside_them(measure, edited):
    made = measure(edited)
    assert made["count"] == 3
    rows = {row["name"]: row for row in made["rows"]}
    project = Project.open(edited)
    for name, row in rows.items():
        mask = project.structures.mask(name)[:]
        grey = project.specimens[0].volume.channels[0][:][mask]
        assert row["voxels"] == mask.sum()
        assert row["volume_nm3"] == pytest.approx(mask.sum())  # voxels of 10 Å
        assert row["mean"] == pytest.approx(grey.mean(), rel=1e-4)
        assert row["sd"] == pytest.approx(grey.std(), rel=1e-4)
    assert [rows[name]["parent"] for name in ("particle", "lumen", "gold")] == ["", "particle", ""]
    project.close()


def test_pieces_go_into_a_table_and_the_count_comes_first(edited, tmp_path, capsys):
    table = tmp_path / "gold.csv"
    words = ["measure", str(edited), "--structure", "gold", "--instances", "--out", str(table)]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert said.startswith("3 pieces of gold, median diameter ")
    assert "1 cut off by the edge of the volume" in said
    assert str(table) in said.replace("\n", "")
    rows = list(csv.DictReader(table.read_text("utf-8").splitlines()))
    assert [(row["id"], row["name"], row["parent"], row["voxels"]) for row in rows] == [
        ("1", "gold #1", "gold", "64"),
        ("2", "gold #2", "gold", "18"),
        ("3", "gold #3", "gold", "1"),
    ]
    assert float(rows[0]["centroid_z_angstrom"]) == pytest.approx(45)
    assert main(words) != 0
    assert "--overwrite" in capsys.readouterr().err
    assert main([*words, "--overwrite", "--min-voxels", "18"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("2 pieces of gold")
    assert "1 smaller left out" in said


@pytest.mark.parametrize("name", ["pieces.mrc", "pieces.nii.gz", "pieces.tif"])
def test_pieces_are_written_as_labels_with_the_numbers_of_the_table(measure, edited, tmp_path, name):
    made = measure(edited, "--structure", "gold", "--instances", "--labels", tmp_path / name)
    labels = np.asarray(open_volume(tmp_path / name).channels[0][:]).astype(int)
    assert np.bincount(labels.ravel())[1:].tolist() == [row["voxels"] for row in made["rows"]]
    for row in made["rows"]:
        centre = np.argwhere(labels == row["id"]).mean(axis=0) * 10
        assert [row[f"centroid_{axis}_angstrom"] for axis in "zyx"] == pytest.approx(centre)


def test_distances_are_measured_to_another_structure(measure, edited):
    made = measure(edited, "--structure", "gold", "--instances", "--distance-to", "lumen")
    project = Project.open(edited)
    gold, lumen = (project.structures.mask(name)[:] for name in ("gold", "lumen"))
    labels, _ = ndimage.label(gold)
    away = ndimage.distance_transform_edt(~lumen)
    expected = sorted(ndimage.minimum(away, labels, [1, 2, 3]))
    assert sorted(row["distance_to_lumen_nm"] for row in made["rows"]) == pytest.approx(expected)
    project.close()


def test_regions_of_a_cut_and_of_a_level_are_measured(measure, project, capsys):
    made = measure(project, "--cut", 5)
    opened = Project.open(project, write=True)
    labels = opened.label_image(opened.cut(5)).data[:]
    opened.keep_level("coarse", opened.cut(3))
    opened.close()
    assert [row["voxels"] for row in made["rows"]] == np.bincount(labels.ravel())[1:].tolist()
    one = measure(project, "--cut", 5, "--region", 4, "--region", 2, "--distance-to", 1)
    assert [row["id"] for row in one["rows"]] == [4, 2]
    assert {**one["rows"][0], "distance_to_1_nm": None} == pytest.approx({**made["rows"][3], "distance_to_1_nm": None})
    assert measure(project, "--level", "coarse")["count"] == 3
    pieces = measure(project, "--cut", 5, "--region", 2, "--instances", "--connectivity", 6)
    assert main(["measure", str(project), "--cut", "5", "--region", "2", "--instances"]) == 0
    assert f" of region {one['rows'][1]['name']}, " in capsys.readouterr().out
    assert pieces["count"] == ndimage.label(labels == 2)[1]


def test_without_structures_the_regions_of_the_slider_are_measured(measure, project, capsys):
    opened = Project.open(project)
    assert measure(project)["count"] == opened.n_regions
    assert main(["measure", str(project)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"{opened.n_regions} regions, together ")
    assert "Volume (nm³)" in printed


@pytest.fixture
def moved_away(tomogram):
    """The volume that the project was made from is somewhere else for a while."""
    elsewhere = tomogram.rename(tomogram.with_name("elsewhere.mrc"))
    yield
    elsewhere.rename(tomogram)


@pytest.mark.usefixtures("moved_away")
def test_a_missing_source_only_costs_the_grey_values(project, capsys):
    assert main(["measure", str(project), "--cut", "2"]) == 0
    captured = capsys.readouterr()
    assert "grey values are left out" in captured.err
    assert "Volume (nm³)" in captured.out
    assert "Mean" not in captured.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--structure", "nucleus"], "There is no structure 'nucleus'; structures: particle, lumen, gold."),
        (["--distance-to", "nucleus"], "There is no structure 'nucleus'"),
        (["--cut", "3", "--region", "9"], "There is no region 9 in this level; its regions are 1 to 3."),
        (["--cut", "3", "--distance-to", "9"], "There is no region 9"),
        (["--structure", "gold", "--region", "1"], "--region belongs to --cut or --level"),
        (["--structure", "gold", "--cut", "2"], "not allowed with"),
        (["--min-voxels", "3"], "--min-voxels is about pieces; add --instances"),
        (["--instances", "--connectivity", "18"], "invalid choice"),
        (["--instances", "--neck-depth", "-1"], "neck_depth"),
        (["--structure", "gold", "--labels", "a.mrc"], "--labels is about pieces; add --instances"),
        (["--instances", "--labels", "a.mrc"], "holds the pieces of one structure or region, but here are particle, "),
        (["--structure", "gold", "--instances", "--labels", "a.csv"], "Labels cannot be written as a.csv"),
        (["--out", "table.xlsx"], "let the name end in .csv"),
        (["--specimen", "4"], "no specimen 4"),
    ],
)
def test_what_cannot_be_had_is_one_clear_sentence(edited, capsys, words, told):
    said = failure(capsys, edited, *words)
    assert told in said
    assert "Traceback" not in said


def test_the_table_is_never_written_into_the_project_or_over_a_source(edited, tomogram, capsys):
    assert "lies inside the project" in failure(capsys, edited, "--out", edited / "table.csv")
    linked = edited.parent / "linked.csv"
    linked.symlink_to(tomogram)
    before = tomogram.read_bytes()
    assert "read from" in failure(capsys, edited, "--out", linked, "--overwrite")
    assert tomogram.read_bytes() == before
    assert open_volume(tomogram).shape == SHAPE


def test_a_structure_without_voxels_has_no_pieces(measure, project):
    opened = Project.open(project, write=True)
    opened.structures.do(MakeStructure(name="nothing", colour=RED, leaves=""))
    opened.close()
    assert measure(project, "--instances")["rows"] == []
    row = measure(project)["rows"][0]
    assert (row["voxels"], row["mean"], row["touches_edge"]) == (0, None, False)


def test_volumes_of_structures_in_one_another_are_not_added_up(edited, capsys):
    assert main(["measure", str(edited)]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("3 structures, ")
    assert "together" not in first
    assert main(["measure", str(edited), "--cut", "8", "--instances"]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert " of 8 regions, median diameter " in first
    assert "together 10\u202f560 nm³" in first
