"""`hypseg particles`: the count first, files for other programs, and one sentence for what does not fit."""

import csv
import json

import mrcfile
import numpy as np
import pytest
import starfile

from napari_hypseg.cli.main import main
from napari_hypseg.particles.particle_files import read_particles
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import MakeStructure, MarkJunk, PaintVoxels
from napari_hypseg.structures.voxel_runs import encode_runs, runs_of

SHAPE = (20, 22, 24)
CENTRES = [(5, 5, 5), (14, 6, 17), (9, 16, 9)]
RED = (0.8, 0.2, 0.1)


def painted(structure, voxels):
    return PaintVoxels(
        structure=structure, specimen=0, shape=SHAPE, voxels=encode_runs(runs_of(np.flatnonzero(voxels)))
    )


@pytest.fixture
def edited(project):
    """The project with three balls in one structure, and two blocks in another of which one has two balls in it."""
    opened = Project.open(project, write=True)
    places = np.moveaxis(np.indices(SHAPE), 0, -1)
    balls, cells = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    for centre, radius in zip(CENTRES, (2.2, 3.2, 3.7), strict=True):
        balls |= np.linalg.norm(places - centre, axis=-1) <= radius
    cells[:, :, :13], cells[10:, :10, 14:] = True, True
    cells &= ~balls
    edits = (
        MakeStructure(name="cell", colour=RED, leaves=""),
        painted(1, cells),
        MakeStructure(name="ball", colour=RED, leaves=""),
        painted(2, balls),
    )
    for edit in edits:
        opened.structures.do(edit)
    opened.close()
    return project


@pytest.fixture
def particles(capsys):
    """Carry out `hypseg particles … --json`; gives its object."""

    def call(*words):
        capsys.readouterr()
        code = main(["particles", *map(str, words), "--json"])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        assert captured.err == ""
        return json.loads(captured.out)

    return call


def failure(capsys, *words):
    capsys.readouterr()
    assert main(["particles", *map(str, words)]) != 0
    return capsys.readouterr().err


@pytest.mark.parametrize("source", ["instances", "maxima"])
def test_a_structure_becomes_particles_in_a_star_file(particles, edited, tmp_path, source):
    made = particles(edited, "--structure", "ball", "--from", source, "--out", tmp_path / "a.star")
    assert made["count"] == 3
    assert sorted(map(tuple, np.rint(made["positions_voxel"]).astype(int).tolist())) == sorted(CENTRES)
    table = starfile.read(tmp_path / "a.star")
    centred = table[[f"rlnCenteredCoordinate{axis}Angst" for axis in "ZYX"]].to_numpy() / 10 + np.array(SHAPE) / 2
    np.testing.assert_allclose(centred, made["positions_voxel"], atol=1e-5)
    assert made["nearest"] == pytest.approx(np.median(made["scalars"]["nearest"]))


def test_the_count_comes_first(edited, capsys):
    assert main(["particles", str(edited), "--structure", "ball"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("3 particles of ball, nearest ")
    assert "Å apart (median)" in said


def test_what_was_marked_as_junk_in_the_window_is_left_out_and_said(edited, capsys, tmp_path):
    opened = Project.open(edited, write=True)
    z, y, x = CENTRES[0]
    opened.structures.do(MarkJunk(structure=2, specimen=0, places=((z, y, x),), junk=True))
    opened.close()
    assert main(["particles", str(edited), "--structure", "ball", "--out", str(tmp_path / "a.csv"), "--json"]) == 0
    captured = capsys.readouterr()
    made = json.loads(captured.out)
    assert made["count"] == 2
    assert CENTRES[0] not in map(tuple, np.rint(made["positions_voxel"]).astype(int).tolist())
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 3
    assert "1 of the 3 particles is marked as junk and left out." in made["notes"]


def test_points_on_a_surface_are_counted_on_their_parents(particles, edited, tmp_path):
    words = [
        "--structure",
        "ball",
        "--from",
        "surface",
        "--spacing",
        "20",
        "--parent",
        "ball",
        "--surface-smoothing",
        "1",
    ]
    made = particles(edited, *words, "--counts", tmp_path / "counts.csv", "--out", tmp_path / "a.tbl")
    assert sum(row["particles"] for row in made["parents"]) == made["count"]
    assert made["on_no_parent"] == 0
    rows = list(csv.DictReader((tmp_path / "counts.csv").read_text().splitlines()))
    assert [row["name"] for row in rows] == ["ball #1", "ball #2", "ball #3"]
    assert int(rows[0]["particles"]) > int(rows[2]["particles"]) > 0
    assert len(np.loadtxt(tmp_path / "a.tbl")) == made["count"]
    axes, places = np.array(made["axes"]), np.array(made["positions_voxel"])
    parents = np.array(made["scalars"]["parent"])
    centres = np.array(CENTRES)[[2, 1, 0]][parents - 1]
    away = (places - centres) / np.linalg.norm(places - centres, axis=1, keepdims=True)
    assert (axes * away).sum(axis=1).min() > 0.8


def test_particles_are_counted_on_each_piece_of_another_structure(particles, edited):
    made = particles(edited, "--structure", "ball", "--parent", "cell", "--reach", "60")
    assert [row["particles"] for row in made["parents"]] == [2, 1]
    none = particles(edited, "--structure", "ball", "--parent", "cell", "--reach", "1")
    assert none["on_no_parent"] == 3


def test_boxes_and_a_mask_go_with_the_particles(particles, edited, tmp_path):
    words = ["--structure", "ball", "--boxes", tmp_path / "boxes.mrc", "--box-size", 8, "--normalise", "none"]
    made = particles(edited, *words, "--mask", tmp_path / "mask.mrc", "--mask-edge", 2, "--out", tmp_path / "a.csv")
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    numbers = [int(row["box"]) for row in rows]
    assert sorted(numbers) == [1, 2, 3]
    volume = Project.open(edited).specimens[0].volume.channels[0][:]
    with mrcfile.open(tmp_path / "boxes.mrc") as file:
        for place, number in zip(np.rint(made["positions_voxel"]).astype(int), numbers, strict=True):
            part = volume[tuple(slice(n - 4, n + 4) for n in place)]
            np.testing.assert_allclose(file.data[number - 1], part, rtol=1e-6)
    with mrcfile.open(tmp_path / "mask.mrc") as file:
        assert file.data.shape == (8, 8, 8)
        assert file.voxel_size.x == pytest.approx(10)
        assert file.data[4, 4, 4] == 1
    noted = particles(edited, "--structure", "ball", "--boxes", tmp_path / "b.mrc", "--box-size", 12)["notes"]
    assert "1 of the 3 boxes reaches beyond tomogram and is left out." in noted


def test_picks_of_others_need_no_segmentation(particles, tomogram, edited, tmp_path):
    grid = TomogramGrid("tomogram", SHAPE, (10.0,) * 3, "angstrom")
    path = tmp_path / "picks.csv"
    path.write_text("z,y,x\n" + "".join(f"{z},{y},{x}\n" for z, y, x in CENTRES) + "5,5,5\n90,1,1\n")
    made = particles(tomogram, "--picks", path, "--out", tmp_path / "a.star", "--format", "relion4")
    assert made["count"] == 3
    assert "1 of the 5 particles" in made["notes"][0]
    assert "1 particle stands" in made["notes"][1]
    assert read_particles(tmp_path / "a.star", grid).particles.positions.tolist() == [list(c) for c in CENTRES]
    on_cells = particles(edited, "--picks", path, "--parent", "cell", "--reach", 60)
    assert [row["particles"] for row in on_cells["parents"]] == [2, 1]


def test_particles_are_written_as_a_table_of_classes_says_that_they_lie(edited, particles, tmp_path):
    boxes, table = ("--structure", "ball", "--box-size", 8, "--border", "mean"), tmp_path / "classes.csv"
    before = particles(edited, *boxes, "--boxes", tmp_path / "boxes.mrc", "--out", tmp_path / "before.csv")
    n = before["count"]
    rows = [f"{number},{int(number > 1)},{number},90,0.5,-1.5,0,0" for number in range(1, n + 1)]
    table.write_text("particle,class,place,angle_deg,centre_y,centre_x,doubt,elbo\n" + "\n".join(rows))
    after = particles(edited, *boxes, "--poses", table, "--out", tmp_path / "after.star")
    assert after["count"] == n - 1
    assert f"{n - 1} of the {n} particles are moved and turned as classes.csv says" in " ".join(after["notes"])
    old, new = np.array(before["positions_voxel"])[1:], np.array(after["positions_voxel"])
    np.testing.assert_allclose(new[:, 0], old[:, 0])
    np.testing.assert_allclose(new[:, 1:], np.floor(old[:, 1:] + 0.5) - 0.5 + [0.5, -1.5])


def test_what_does_not_fit_is_said_in_one_sentence(edited, tomogram, tmp_path, capsys):
    said = {
        ("--structure", "ball", "--min-diameter", 900): "None of the 3 particles of ball is 900 or more Å across",
        ("--structure", "ball", "--from", "surface"): "in angstrom (--spacing).",
        ("--structure", "ball", "--boxes", tmp_path / "b.mrc", "--box-size", 64): "larger than tomogram (20×22×24",
        ("--structure", "ball", "--out", tmp_path / "a.txt"): "let the name end in .star",
        ("--structure", "ball", "--counts", tmp_path / "a.csv"): "counted on (--parent).",
        ("--structure", "ball", "--mask", tmp_path / "m.mrc", "--mask-radius", 99): "does not fit into a box of 32",
        ("--structure", "ball", "--format", "relion4"): "name one with --out",
        (): "Particles are those of one structure or region, but here are cell, ball; choose one.",
        ("--picks", tmp_path / "a.star", "--from", "maxima"): "--from is about finding particles",
        ("--picks", tmp_path / "nothing.star"): "nothing.star is missing",
    }
    for words, expected in said.items():
        told = failure(capsys, edited, *words)
        assert expected in told.replace("\n", " "), told
        assert told.count("hypseg:") == 1, told
    assert "a volume without structures" in failure(capsys, tomogram)
    assert not list(tmp_path.glob("*.mrc"))
    assert "write over" in failure(capsys, tomogram, "--picks", tmp_path / "a.csv", "--out", tmp_path / "a.csv")
