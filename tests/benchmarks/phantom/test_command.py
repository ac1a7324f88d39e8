"""`python -m benchmarks phantom`, on few and tiny volumes."""

import json

import pytest

from benchmarks.command import main
from benchmarks.phantom import command
from benchmarks.phantom.split import PhantomSplit


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    monkeypatch.setattr(command, "QUICK_SPLIT", PhantomSplit(20, 2, 1, 2))
    monkeypatch.chdir(tmp_path)


def measure(capsys, *words):
    assert main(["phantom", "--quick", "--device", "cpu", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_quickly_one_row_of_each_kind(capsys, tmp_path):
    record = measure(capsys, "--only", "regular")
    assert [one["row"] for one in record["measurements"]] == [*["gaussian"] * 3, "slic", *["default"] * 2, "unet"]
    assert {one["seed"] for one in record["measurements"]} == {0}
    page = (tmp_path / "benchmark_quick" / "quality.md").read_text()
    assert "python -m benchmarks phantom --quick --only regular --device cpu" in page
    assert "**default, 16 leaves**" in page
    assert "**default, tree of kinds, 16 leaves**" in page
    assert "*Not measured yet.*" in page.split("### Irregular")[1]
    assert str(tmp_path) not in page


def test_rows_measured_apart_stand_in_one_table(capsys, tmp_path):
    words = ("--only", "irregular", "--out", str(tmp_path / "pages"))
    measure(capsys, *words, "--method", "slic")
    page = tmp_path / "pages" / "quality.md"
    page.write_text(page.read_text().replace("Every skin is dented.", "Every skin is dented, and so it is harder."))
    measure(capsys, *words, "--method", "hyperbolic-b*", "--seed", "1", "--seed", "2", "--latent-dim", "2")
    text = page.read_text()
    assert "and so it is harder." in text
    assert "| SLIC supervoxels, Ward's tree | – |" in text
    assert "| hyperbolic-base, 2 latent dimensions, 16 leaves | 2 steps, cpu |" in text
    assert text.count("python -m benchmarks phantom --quick") == 2
    assert "--method 'hyperbolic-b*' --only irregular --seed 1 --seed 2 --latent-dim 2" in text


def test_for_people_it_says_what_it_does_and_shows_a_table(capsys):
    assert main(["phantom", "--quick", "--method", "slic", "--only", "regular"]) == 0
    captured = capsys.readouterr()
    assert "SLIC supervoxels, Ward's tree: regular phantoms, seed 0" in captured.err
    assert "Matched Dice, regular phantoms" in captured.out
    assert "Everything is in" in captured.out


def test_settings_are_chosen_by_other_volumes_and_elsewhere(capsys, tmp_path):
    record = measure(capsys, "--method", "slic", "--part", "validation", "--only", "regular")
    assert {one["part"] for one in record["measurements"]} == {"validation"}
    assert record["page"].startswith("benchmark_quick")


@pytest.mark.parametrize(
    ("words", "word"),
    [
        (["--method", "magic"], "hyperbolic-both"),
        (["--method", "default", "--latent-dim", "1"], "latent_dim"),
        (["--method", "default", "--latent-dim", "10000"], "latent_dim"),
        (["--minutes", "0"], "minutes"),
        (["--leaves", "4"], "leaves"),
        (["--only", "round"], "irregular"),
        (["--part", "learned"], "validation"),
    ],
)
def test_bad_input(capsys, tmp_path, words, word):
    assert main(["phantom", "--quick", *words]) == 2
    assert word in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_help_has_an_example(capsys):
    assert main(["phantom", "--help"]) == 0
    assert "python -m benchmarks phantom --quick" in capsys.readouterr().out.split("examples:")[1]
