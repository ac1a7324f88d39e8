"""`hypseg send-back`: from one applied volume to the common project."""

import json

import numpy as np
import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.jobs import quietly
from napari_hypseg.pipeline.apply import apply
from napari_hypseg.project.project import Project
from napari_hypseg.structures.edits import AddLeaves
from napari_hypseg.structures.leaf_ranges import to_ranges
from napari_hypseg.volumes import Specimen
from napari_hypseg.volumes.phantom import phantom
from tests.named_project import named_project


@pytest.fixture(scope="module")
def corrected(tmp_path_factory):
    """A common project, and one made from it in which two leaves were added."""
    folder = tmp_path_factory.mktemp("made")
    source = Project.open(named_project(folder / "cell", phantom((50, 50, 50), seed=1)))
    target = Project.create(folder / "one", [Specimen(phantom((24, 24, 24), 2).volume)], source.settings)
    quietly(apply(source, target))
    free = np.flatnonzero(target.structures.annotation.free_leaves())[:2]
    target.structures.do(AddLeaves(structure=1, leaves=to_ranges(free)))
    target.close()
    return source.path, target.path


def hypseg(capsys, *words):
    code = main(["send-back", *map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_it_is_refused_with_a_sentence_and_then_sent_once(corrected, capsys):
    source, target = corrected
    holder = Project.open(source, write=True)
    code, record = hypseg(capsys, target)
    assert (code, "cell.hypseg is open for writing in this program already" in record["error"]) == (5, True)
    holder.close()
    away = source.rename(source.with_name("away.hypseg"))
    code, record = hypseg(capsys, target)
    assert (code, record["error"].endswith("cell.hypseg any more; say where it is now (--to).")) == (5, True)
    assert hypseg(capsys, target, "--structure", "shell")[1]["error"].startswith("There is no project")
    assert "no structure 'shell'" in hypseg(capsys, target, "--structure", "shell", "--to", away)[1]["error"]
    code, record = hypseg(capsys, target, "--structure", "object", "--to", away)
    assert code == 0
    (sent,) = record["structures"]
    assert (sent["name"], sent["added"], sent["taken"]) == ("object", 2, 0)
    done = Project.open(away).structures.steps[-1]
    assert done.text == "correct object as in one (+2 leaves)"
    code, record = hypseg(capsys, target, "--to", away)
    assert (code, "Nothing was corrected in one.hypseg" in record["error"]) == (2, True)
    code, record = hypseg(capsys, away)
    assert (code, "was not made by applying another project" in record["error"]) == (5, True)
