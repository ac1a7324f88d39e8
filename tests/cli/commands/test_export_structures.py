"""Structures and single regions as labels and as surfaces: `hypseg export --structure …`."""

import json

import numpy as np
import pytest
import trimesh

from napari_hypseg.cli.main import main
from napari_hypseg.io.opening import open_volume
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import MakeStructure, PaintVoxels
from napari_hypseg.structures.voxel_runs import encode_runs, runs_of

SHAPE = (20, 22, 24)
RED, BLUE = (0.8, 0.2, 0.0), (0.0, 0.2, 0.8)


@pytest.fixture
def edited(project):
    """A structure, another inside it with painted voxels, and an empty one; gives the project's path."""
    opened = Project.open(project, write=True)
    block = np.zeros(SHAPE, bool)
    block[3:9, 4:12, 5:13] = True
    for edit in (
        MakeStructure(name="lumen", colour=BLUE, leaves=""),
        MakeStructure(name="particle", colour=RED, leaves="0-3"),
        MakeStructure(name="core", colour=BLUE, leaves="2", parent=2),
        PaintVoxels(structure=3, specimen=0, shape=SHAPE, voxels=encode_runs(runs_of(np.flatnonzero(block)))),
    ):
        opened.structures.do(edit)
    opened.close()
    return project


@pytest.fixture
def masks(edited):
    opened = Project.open(edited)
    return {name: opened.structures.mask(name)[:] for name in ("particle", "core")}


@pytest.fixture
def export(edited, tmp_path, capsys):
    """Carry out `hypseg export … --json`; gives its object."""

    def call(name, *words, code=0):
        capsys.readouterr()
        out = ["--out", str(tmp_path / name)]
        assert main(["export", str(edited), *out, *map(str, words), "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return call


@pytest.mark.parametrize("name", ["particle.mrc", "particle.tif", "particle.nii.gz"])
def test_one_structure_is_a_mask_of_all_of_it_in_its_place(export, masks, tmp_path, name):
    export(name, "--structure", "particle")
    volume = open_volume(tmp_path / name)
    np.testing.assert_array_equal(np.asarray(volume.channels[0][:]), masks["particle"])
    assert volume.voxel_size == pytest.approx((10, 10, 10)) or volume.unit != "angstrom"


@pytest.mark.parametrize("names", [("particle", "core"), ("core", "particle")])
def test_several_are_numbered_as_they_are_named_and_the_inner_one_wins(export, masks, tmp_path, names):
    record = export("both.tif", *(word for name in names for word in ("--structure", name)))
    assert record["names"] == {"1": names[0], "2": names[1]}
    labels = np.asarray(open_volume(tmp_path / "both.tif").channels[0][:])
    core, particle = names.index("core") + 1, names.index("particle") + 1
    np.testing.assert_array_equal(labels == core, masks["core"])
    np.testing.assert_array_equal(labels == particle, masks["particle"] & ~masks["core"])


def test_single_regions_of_a_cut_are_written(export, edited, tmp_path):
    export("all.tif", "--cut", 4)
    export("two.tif", "--cut", 4, "--region", 3, "--region", 1)
    every, two = (np.asarray(open_volume(tmp_path / f"{name}.tif").channels[0][:]) for name in ("all", "two"))
    np.testing.assert_array_equal(two == 1, every == 3)
    np.testing.assert_array_equal(two == 2, every == 1)


@pytest.mark.parametrize("name", ["core.stl", "core.ply", "core.obj", "core.glb"])
def test_a_surface_lies_where_the_structure_does(export, masks, tmp_path, name):
    record = export(name, "--structure", "core", "--smoothing", "0.5")
    mesh = trimesh.load_mesh(tmp_path / name)
    assert record["triangles"] == len(mesh.faces)
    assert record["unit"] == "angstrom"
    places = np.argwhere(masks["core"])[:, ::-1] * 10.0
    np.testing.assert_allclose(mesh.bounds, [places.min(axis=0), places.max(axis=0)], atol=10)
    assert mesh.is_watertight or name.endswith(".stl")
    assert mesh.volume == pytest.approx(masks["core"].sum() * 1000, rel=0.1)


def test_several_surfaces_are_one_scene(export, tmp_path):
    export("both.glb", "--structure", "particle", "--structure", "core")
    scene = trimesh.load_scene(tmp_path / "both.glb")
    assert set(scene.geometry) == {"particle", "core"}
    assert scene.geometry["core"].visual.material.baseColorFactor.tolist() == [0, 51, 204, 255]
    record = export("cut.ply", "--cut", 3, "--region", 2, "--binning", 2)
    assert len(record["names"]) == 1


@pytest.mark.parametrize(
    ("name", "words", "told"),
    [
        ("a.mrc", ["--structure", "nucleus"], "There is no structure 'nucleus'"),
        ("a.glb", ["--structure", "nucleus"], "There is no structure 'nucleus'"),
        ("a.mrc", ["--cut", 3, "--region", 7], "its regions are 1 to 3"),
        ("a.stl", ["--cut", 3, "--region", 7], "its regions are 1 to 3"),
        ("a.mrc", ["--structure", "core", "--region", 1], "--region belongs to --cut or --level"),
        ("a.mrc", ["--structure", "core", "--smoothing", 2], "--smoothing is about surfaces"),
        ("a.mrc", ["--what", "denoised", "--structure", "core"], "have no meaning with --what denoised"),
        ("a.glb", ["--structure", "core", "--smoothing", -1], "smoothing"),
        ("a.glb", ["--structure", "core", "--format", "mrc"], "--format is about volumes"),
        ("a.glb", ["--structure", "lumen"], "lumen has no voxels"),
    ],
)
def test_what_cannot_be_exported_is_one_sentence(edited, tmp_path, capsys, name, words, told):
    before = sorted(tmp_path.iterdir())
    assert main(["export", str(edited), "--out", str(tmp_path / name), *map(str, words)]) != 0
    assert told in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


def test_a_surface_is_not_written_over_another_file_unasked_nor_into_the_project(edited, tmp_path, capsys):
    taken = tmp_path / "core.stl"
    taken.write_bytes(b"precious")
    words = ["export", str(edited), "--structure", "core", "--out"]
    assert main([*words, str(taken)]) != 0
    assert taken.read_bytes() == b"precious"
    assert main([*words, str(taken), "--overwrite"]) == 0
    assert taken.stat().st_size > 1000
    assert main([*words, str(edited / "core.stl")]) != 0
    assert "lies inside the project" in capsys.readouterr().err


def test_the_tree_and_its_leaves_belong_together(export, edited, tmp_path):
    assert export("tree.nwk", "--what", "tree")["leaves"] == 8
    export("leaves.mrc", "--what", "leaves")
    opened = Project.open(edited)
    leaves = open_volume(tmp_path / "leaves.mrc")
    np.testing.assert_array_equal(leaves.read(leaves.box)[0], opened.leaves[0][:])
    assert (tmp_path / "tree.nwk").read_text().count(",") == 7


def test_what_a_tree_cannot_be_is_said(export, capsys):
    assert "A tree is written as .json, .nwk" in export("tree.mrc", "--what", "tree", code=2)["error"]
    assert "--what shown is about all" in export("a.mrc", "--what", "shown", "--structure", "core", code=2)["error"]


def test_info_lists_structures_with_their_sizes(edited, masks, capsys):
    assert main(["info", str(edited), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    sizes = {one["name"]: (one["voxels"], one["inside"]) for one in facts["structures"]}
    assert sizes["particle"] == (int(masks["particle"].sum()), None)
    assert sizes["core"] == (int(masks["core"].sum()), "particle")
    assert facts["edits"] == 4
    assert main(["info", str(edited)]) == 0
    assert "structure   core inside particle, " in capsys.readouterr().out
