"""--tree says which of the trees a command cuts, wherever a cut or a tree is meant."""

import json

import numpy as np
import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.io.opening import open_volume
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import MakeStructure


@pytest.fixture
def told(capsys):
    """Run a command; gives what it prints as JSON."""

    def run(*words, code=0):
        assert main([*map(str, words), "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return run


def labels(path):
    return np.asarray(open_volume(str(path)).channels[0])


def test_cuts_of_either_tree_are_exported_and_measured(told, project, tmp_path):
    written = {}
    for tree in ("parts", "kinds"):
        told("export", project, "--tree", tree, "--cut", 3, "--out", tmp_path / f"{tree}.mrc")
        opened = Project.open(project)
        opened.choose_tree(tree)
        expected = np.asarray(opened.label_image(opened.cut(3)).data[:])
        written[tree] = labels(tmp_path / f"{tree}.mrc")
        np.testing.assert_array_equal(written[tree], expected)
        rows = told("measure", project, "--tree", tree, "--cut", 3)["rows"]
        assert [row["voxels"] for row in rows] == np.bincount(expected.ravel())[1:].tolist()
    told("export", project, "--cut", 3, "--out", tmp_path / "default.mrc")
    np.testing.assert_array_equal(labels(tmp_path / "default.mrc"), written["parts"])


def test_a_tree_means_regions_even_where_there_are_structures(told, project, tmp_path):
    opened = Project.open(project, write=True)
    opened.structures.do(MakeStructure(name="shell", colour=(1.0, 0.0, 0.0), leaves="0"))
    opened.close()
    assert told("export", project, "--tree", "kinds", "--out", tmp_path / "a.mrc")["regions"] == 8
    assert told("export", project, "--out", tmp_path / "b.mrc")["regions"] == 1
    for words in (["--structure", "shell"], ["--level", "x"]):
        wrong = ["export", project, "--tree", "kinds", *words, "--out", tmp_path / "c.mrc"]
        assert "leave --tree out" in told(*wrong, code=2)["error"]


def test_either_tree_is_exported_whole(told, project, tmp_path):
    texts = {}
    for tree in ("parts", "kinds"):
        out = tmp_path / f"{tree}.nwk"
        assert told("export", project, "--what", "tree", "--tree", tree, "--out", out)["tree"] == tree
        texts[tree] = out.read_text()
    assert texts["parts"] != texts["kinds"]


def test_a_score_of_one_tree_walks_that_tree_alone(told, kept):
    words = ["score", kept / "tiny.hypseg", "--truth", kept / "truth.mrc", "--cuts", "2", "--group", "vesicles=2,4"]
    both, kinds = told(*words), told(*words, "--tree", "kinds")
    assert kinds["tree"] == "kinds"
    assert kinds["cuts"] == both["cuts_by_tree"]["kinds"]
    found = kinds["groups"]["vesicles"]
    assert found["best_by_tree"] == {"kinds": both["groups"]["vesicles"]["best_by_tree"]["kinds"]}
    assert both["groups"]["vesicles"]["best_node_dice"] >= found["best_node_dice"]


def test_info_names_the_trees(told, project, capsys):
    assert told("info", project)["trees"] == ["parts", "kinds"]
    assert main(["info", str(project)]) == 0
    assert "trees       parts, kinds" in capsys.readouterr().out


def test_a_tree_that_cannot_be_is_refused(project, tmp_path, capsys):
    assert main(["export", str(project), "--tree", "looks", "--out", str(tmp_path / "a.mrc")]) == 2
    assert "parts" in capsys.readouterr().err
