"""The command that makes the trees of a project anew."""

import json
import shutil
from pathlib import Path

import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import MakeStructure, OpenRegion


def earlier(path: Path) -> None:
    """Make a project one of an earlier version, with a structure and a region that was opened by hand."""
    project = Project.open(path, write=True)
    old = project.segmentation
    assert old is not None
    (leaves,) = project.store.start_segmentation([old.leaves[0].shape])
    leaves[:] = old.leaves[0][...]
    features = LeafFeatures.of(old.hierarchy, descriptors=old.descriptors)
    project.store.finish_segmentation({PARTS: old.hierarchy}, old.record, features)
    project.reload()
    assert project.structures is not None
    project.structures.do(MakeStructure(name="shell", colour=(1.0, 0.0, 0.0), leaves="0-1"))
    project.structures.do(OpenRegion(tree=PARTS, node=old.hierarchy.root))
    project.close()


def regrouped(path: Path, capsys: pytest.CaptureFixture[str]) -> dict:
    assert main(["regroup", str(path), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_an_earlier_project_gets_a_second_tree_and_keeps_its_structures(project, capsys):
    shutil.rmtree(project / "edits", ignore_errors=True)
    earlier(project)
    told = regrouped(project, capsys)
    assert (told["trees"], told["changed"]) == (["parts", "kinds"], True)
    opened = Project.open(project)
    assert [one.name for one in opened.structures.annotation.structures.values()] == ["shell"]
    assert not opened.structures.annotation.local_cut(PARTS)


def test_what_is_as_this_version_makes_it_stays(project, capsys):
    before = Project.open(project).segmentation.fingerprint
    assert regrouped(project, capsys)["changed"] is False
    assert Project.open(project).segmentation.fingerprint == before
    assert main(["regroup", str(project)]) == 0
    assert "has these trees already: parts and kinds over" in capsys.readouterr().out


def test_a_project_without_regions_cannot_be_regrouped(project, capsys):
    shutil.rmtree(project / "segmentations")
    assert main(["regroup", str(project)]) != 0
    assert "no segmentation yet" in capsys.readouterr().err
