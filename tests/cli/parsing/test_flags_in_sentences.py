"""What the window and the command share speaks of no flag; the command adds the one that helps."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import napari_hypseg
from napari_hypseg.cli.display.formatting import in_flags
from napari_hypseg.cli.main import main
from napari_hypseg.errors import HypsegError, SettingError
from napari_hypseg.volumes import Box

SOURCES = Path(napari_hypseg.__file__).parent
OF_THE_COMMAND = {"cli"}
FLAG = re.compile(r"(?<![\w-])--[a-z]")


def texts(path):
    """Text in the code of a file, without what documents it."""
    tree = ast.parse(path.read_text("utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in documentation)
    return [node.value for node in constants if isinstance(node.value, str)]


def test_no_sentence_outside_the_command_names_a_flag():
    files = [path for path in SOURCES.rglob("*.py") if not OF_THE_COMMAND & set(path.relative_to(SOURCES).parts)]
    assert len(files) > 100
    named = {path.name: text for path in files for text in texts(path) if FLAG.search(text)}
    assert named == {}


def test_the_command_adds_the_flag_that_helps():
    with pytest.raises(SettingError) as raised:
        Box.parse("middle")
    assert in_flags(raised.value) == "'middle' is not a box; write z0:z1,y0:y1,x0:x1 or name a JSON file (--box)."
    assert in_flags(HypsegError("It is full.")) == "It is full."
    assert in_flags(HypsegError("Give it.", setting="voxel_size")) == "Give it (--voxel-size)."


def test_the_command_says_so(tmp_path, capsys):
    path = tmp_path / "tomo.npy"
    np.save(path, np.random.default_rng(0).normal(size=(8, 8, 8)).astype(np.float32))
    assert main(["run", str(path), "--box", "middle", "--out", str(tmp_path / "p")]) != 0
    assert "(--box)" in capsys.readouterr().err
