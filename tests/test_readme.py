"""What the README and the documentation tell a person to type has to work."""

import re
import shlex
from pathlib import Path
from typing import Any

import mrcfile
import numpy as np
import pytest

from benchmarks.command import PROGRAM
from napari_hypseg.cli.parsing.parser import build_parser

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return [text for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == language]


def commands(program: str) -> list[str]:
    """All lines that call a program, each once, in the order in which they are first seen."""
    lines = [
        line for page in PAGES for block in blocks(page, "console") for line in block.replace("\\\n", " ").splitlines()
    ]
    return list(dict.fromkeys(line.removeprefix("$ ") for line in lines if line.removeprefix("$ ").startswith(program)))


@pytest.mark.parametrize("line", commands("hypseg "))
def test_command_is_understood(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    assert build_parser(words).parse_args(words).command == words[0]


@pytest.mark.parametrize("line", commands("python -m benchmarks "))
def test_benchmark_is_understood(line: str) -> None:
    words = shlex.split(line, comments=True)[3:]
    assert build_parser(words, PROGRAM).parse_args(words).command == words[0]


def test_the_architecture_is_as_its_page_says() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+(?:\.py|/))`", page)
    places = [ROOT, ROOT / "src" / "napari_hypseg"]
    assert len(named) > 30
    assert [name for name in named if not any((place / name).exists() for place in places)] == []


def test_make_knows_what_it_is_asked_for() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    asked = {word for page in PAGES for word in re.findall(r"^make ([a-z]+)", page.read_text(encoding="utf-8"), re.M)}
    assert {"demo", "test"} <= asked <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "\n".join(blocks(ROOT / "README.md", "python"))
    quick = code.replace('"minutes": 2', '"steps": 2')
    assert quick != code
    monkeypatch.chdir(tmp_path)
    mrcfile.write("tomogram.mrc", np.random.default_rng(0).normal(size=(24, 26, 28)).astype(np.float32), voxel_size=8.0)
    names: dict[str, Any] = {"__name__": "readme"}
    exec(compile(quick, "README.md", "exec"), names)

    coarse, fine = (mrcfile.read(name).astype(int) for name in ("coarse.mrc", "fine.mrc"))
    assert coarse.shape == fine.shape == (24, 26, 28)
    assert set(np.unique(coarse)) <= {1, 2, 3, 4}
    assert len(set(zip(fine.flat, coarse.flat, strict=True))) == len(np.unique(fine)), "each fine region is in one"
