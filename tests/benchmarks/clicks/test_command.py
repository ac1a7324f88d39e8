"""`python -m benchmarks clicks`, on tiny volumes: pages, records, and going on where it ended."""

import json

import pytest

from benchmarks.command import main
from benchmarks.example_data import DATA


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    monkeypatch.delenv(DATA, raising=False)
    monkeypatch.chdir(tmp_path)


def measure(capsys, *words):
    assert main(["clicks", "--quick", "--trials", "1", "--device", "cpu", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_regions_and_dabs_side_by_side_and_nothing_twice(capsys, tmp_path, nuclei):
    words = ("--data", nuclei, "--only", "lm_nuclei")
    (measured,) = measure(capsys, *words)["measurements"]
    found = measured["structures"]["nuclei"]
    assert (
        list(found["regions"]) == list(found["dabs"]) == list(found["pieces"]) == ["1", "2", "3", "5", "8", "12", "20"]
    )
    assert found["best_node"] <= found["best_union"] <= 1
    assert 0.8 < found["regions"]["20"] <= found["best_union"] + 1e-9
    pages = tmp_path / "benchmark_quick"
    text = (pages / "clicks.md").read_text()
    assert "| clicks on regions | " in text
    assert "## Single pieces" in text
    assert "**lm_nuclei** (" in text
    assert "python -m benchmarks clicks --quick --data DIR --only lm_nuclei --trials 1 --device cpu" in text
    assert str(tmp_path) not in text
    assert "An answer for 4096 leaves takes" in (pages / "explorer.md").read_text() or found["auc_latent"] is None
    assert measure(capsys, *words)["measurements"] == []
    assert len(measure(capsys, *words, "--again", "--regions-alone")["measurements"]) == 1
    assert len(json.loads((pages / "clicks.json").read_text())) == 1


def test_what_regions_are_compared_with_is_added_without_segmenting_again(capsys, tmp_path, nuclei, monkeypatch):
    words = ("--data", nuclei, "--only", "lm_nuclei")
    measure(capsys, *words, "--regions-alone")
    before = json.loads((tmp_path / "benchmark_quick" / "clicks.json").read_text())
    monkeypatch.setattr("benchmarks.clicks.measure.run", None)
    measure(capsys, *words)
    after = json.loads((tmp_path / "benchmark_quick" / "clicks.json").read_text())
    dabs = after[0]["structures"]["nuclei"].pop("dabs")
    assert len(dabs) == 7
    assert before[0]["structures"]["nuclei"].pop("dabs") == {}
    assert after == before


def test_dabs_are_taken_over_when_regions_are_measured_again(capsys, tmp_path, nuclei, monkeypatch):
    words = ("--data", nuclei, "--only", "lm_nuclei")
    (before,) = measure(capsys, *words)["measurements"]
    monkeypatch.setattr("benchmarks.clicks.comparisons.dice_of_dabs", None)
    (after,) = measure(capsys, *words, "--again")["measurements"]
    assert after["structures"]["nuclei"]["dabs"] == before["structures"]["nuclei"]["dabs"] != {}
    assert after["seconds"] != before["seconds"]


def test_a_ceiling_learns_for_as_long_as_is_said(capsys):
    measure(capsys, "--only", "phantom")
    (measured,) = measure(capsys, "--only", "phantom", "--ceiling-minutes", "0.02")["measurements"]
    assert measured["ceiling_budget"] == "0.02 min"


def test_phantoms_have_a_ceiling_and_need_no_data(capsys):
    (measured,) = measure(capsys, "--only", "phantom")["measurements"]
    assert measured["grid"] == [24, 24, 24]
    assert all(0 <= one["ceiling"] <= 1 for one in measured["structures"].values())


@pytest.mark.parametrize(
    ("words", "code", "word"),
    [
        (["--only", "lm_nuclei"], 3, DATA),
        (["--only", "magic"], 2, "lm_plant_nuclei"),
        (["--data", "volumes", "--only", "ct_carp"], 3, "ct_carp"),
        (["--trials", "0"], 2, "--trials 0 is too few"),
        (["--phantoms", "-1"], 2, "--phantoms -1 is too few"),
    ],
)
def test_bad_input(capsys, nuclei, words, code, word):
    assert main(["clicks", *words]) == code
    assert word in capsys.readouterr().err
