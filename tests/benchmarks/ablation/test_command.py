"""`python -m benchmarks ablation`, on tiny volumes: page, records, and going on where it ended."""

import json

import pytest

from benchmarks.ablation.variants import EVERYTHING, VARIANTS
from benchmarks.command import main
from benchmarks.example_data import DATA


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    monkeypatch.delenv(DATA, raising=False)
    monkeypatch.chdir(tmp_path)


def measure(capsys, *words):
    assert main(["ablation", "--quick", "--device", "cpu", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)["measurements"]


def test_every_variant_of_one_run_and_nothing_twice(capsys, tmp_path, nuclei):
    words = ("--data", nuclei, "--only", "lm_nuclei")
    (measured,) = measure(capsys, *words)
    assert set(measured["variants"]) == set(VARIANTS)
    every = {name: reached["nuclei"] for name, reached in measured["variants"].items()}
    assert all(0 < one["best_region"] <= one["best_union"] <= 1 for one in every.values())
    either = max(every[f"the tree of {name} alone"]["best_region"] for name in ("parts", "kinds"))
    assert every[EVERYTHING.name]["best_region"] == either
    pages = tmp_path / "benchmark_quick"
    text = (pages / "ablation.md").read_text()
    assert text.count("| **all of it** | ") == 3
    assert "python -m benchmarks ablation --quick --data DIR --only lm_nuclei --device cpu" in text
    assert str(tmp_path) not in text
    assert measure(capsys, *words) == []
    assert [one["seed"] for one in measure(capsys, *words, "--seed", "0", "--seed", "3")] == [3]


def test_a_new_variant_alone_is_measured(capsys, tmp_path, nuclei):
    words = ("--data", nuclei, "--only", "lm_nuclei")
    (before,) = measure(capsys, *words)
    file = tmp_path / "benchmark_quick" / "ablation.json"
    kept = {**before, "variants": {**before["variants"], EVERYTHING.name: {"nuclei": MARKED}}}
    del kept["variants"]["no factors"]
    file.write_text(json.dumps([kept]))
    (after,) = measure(capsys, *words)
    assert after["variants"]["no factors"] == before["variants"]["no factors"], "the same seed, the same leaves"
    assert after["variants"][EVERYTHING.name]["nuclei"] == MARKED


MARKED = {"best_region": 0.123, "best_union": 0.2, "clicks": {str(n): 0.15 for n in (1, 3, 5, 8)}}


@pytest.mark.parametrize(
    ("words", "code", "word"),
    [
        (["--only", "lm_nuclei"], 3, DATA),
        (["--only", "magic"], 2, "lm_plant_nuclei"),
        (["--seed", "-1"], 2, "seed"),
    ],
)
def test_bad_input(capsys, words, code, word):
    assert main(["ablation", *words]) == code
    assert word in capsys.readouterr().err
