"""Rows are chosen by name, measured one by one, kept, and put on the page."""

import json
from dataclasses import replace

import pytest

from benchmarks.phantom.measure import QualityPlan, benchmark_phantom
from benchmarks.phantom.page import sections
from benchmarks.phantom.records import PHANTOM_STORE, Record
from benchmarks.phantom.rows import LEARNED, choose_rows, row_named
from benchmarks.phantom.split import VALIDATION, PhantomSplit
from benchmarks.phantom.summary import lines
from benchmarks.reporting.stage_message import StageMessage
from benchmarks.segmentation import baselines
from benchmarks.segmentation.run_spec import RunBudget
from napari_hypseg.errors import OutputError, SettingError
from napari_hypseg.jobs import drive
from napari_hypseg.methods.registry import methods

TINY = RunBudget(steps=1, device="cpu", leaves=12)
SPLIT = PhantomSplit(20, 2, 1, 2)


def record(row="default", seed=0, dice=(0.9, 0.7), **changed):
    values = {str(k): [value - 0.1 * i for value in dice] for i, k in enumerate((2, 4, 8))}
    made = Record(
        row,
        "tree",
        "regular",
        "test",
        50,
        80,
        seed,
        "10 min",
        "cpu",
        RunBudget().leaves,
        values,
        600,
        1,
        "typed",
        "here",
    )
    return replace(made, **changed)


@pytest.mark.parametrize("row", choose_rows((), [2, 4]), ids=lambda row: row.name)
def test_every_row_can_be_tried(row):
    row.baseline.check(TINY)
    assert row_named(row.name) == row


def test_the_ablation_is_complete():
    names = [row.name for row in choose_rows()]
    spaces, parts = ("euclidean", "hyperspherical", "hyperbolic"), ("base", "gyroplane", "triplet", "both")
    assert {f"{space}-{part}" for space in spaces for part in parts} < set(names)
    settings = {name: choose_rows([name])[0].baseline.run_settings(TINY, 7) for name in names if name in LEARNED}
    base, both = settings["hyperbolic-base"].model, settings["hyperbolic-both"].model
    assert (base["decoder"], base["triplet_weight"]) == ("plain", 0)
    assert both == {"decoder": "gyroplane"}
    assert settings["hsu2021"].training.learning_rate == 5e-7
    assert all((one.training.seed, one.training.steps, one.leaves.leaves) == (7, 1, 12) for one in settings.values())


def test_rows_are_chosen_by_pattern_by_method_and_by_dimension():
    assert [row.name for row in choose_rows(["hyperbolic-*", "raw"])] == [
        "raw",
        *(f"hyperbolic-{part}" for part in ("base", "gyroplane", "triplet", "both")),
    ]
    assert [row.name for row in choose_rows(["default", "unet"], [2, 16])] == ["default:2", "default:16", "unet"]
    for name in methods():
        (row,) = choose_rows([name])
        assert row.baseline.method == name
    with pytest.raises(SettingError, match=r"no row 'magic'.*hyperbolic-both.*euclidean"):
        choose_rows(["raw", "magic"])
    assert row_named("magic") is row_named("magic:3") is None


def test_what_cannot_be_tried_is_said_before_anything_is(monkeypatch):
    for dim in (1, 10_000):
        with pytest.raises(SettingError, match="latent_dim"):
            QualityPlan(choose_rows(["default"], [dim]), TINY, [0]).check()
    with pytest.raises(SettingError, match="8 regions"):
        QualityPlan(choose_rows(["slic"]), replace(TINY, leaves=4), [0]).check()
    monkeypatch.setattr(baselines, "find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"napari-hypseg\[benchmark\]"):
        QualityPlan(choose_rows(["raw"]), TINY, [0]).check()
    QualityPlan(choose_rows(["slic", "default"]), TINY, [0]).check()


def test_each_row_learns_once_for_each_seed_and_is_kept_at_once():
    rows = choose_rows(["gaussian", "hyperbolic-both"])
    plan = QualityPlan(rows, TINY, [3, 4], SPLIT, VALIDATION, ["irregular"], "typed", "here", "cpu")
    kept, events = [], []
    records = drive(benchmark_phantom(plan, kept.append), events.append)
    assert [one for some in kept for one in some] == records
    assert len(kept) == sum(isinstance(event, StageMessage) for event in events) - 1 == 4
    named = [(one.row, one.grouping, one.seed, one.budget, one.leaves) for one in records]
    assert named == [
        *((("gaussian", grouping, seed, "", leaves)) for seed in (3, 4) for grouping, leaves in GROUPED),
        *((("hyperbolic-both", "tree", seed, "1 steps", 12)) for seed in (3, 4)),
    ]
    for one in records:
        assert one.scene == plan.scene("irregular") == ("irregular", VALIDATION, 20, 2)
        assert all(len(values) == 1 and 0 < values[0] <= 1 for values in one.dice.values())


GROUPED = (("k-means", 0), ("mixture", 0), ("tree", 12))


def test_a_newer_measurement_takes_the_place_of_an_older_one(tmp_path):
    path = tmp_path / "folder" / "phantom.json"
    assert PHANTOM_STORE.load(path) == []
    PHANTOM_STORE.add(path, [record(), record(seed=1)])
    newer = record(dice=(0.5, 0.5))
    assert PHANTOM_STORE.add(path, [newer, record(budget="100 min")]) == PHANTOM_STORE.load(path)
    assert [(one.seed, one.budget, one.dice["2"][0]) for one in PHANTOM_STORE.load(path)] == [
        (0, "10 min", 0.5),
        (1, "10 min", 0.9),
        (0, "100 min", 0.9),
    ]


@pytest.mark.parametrize("text", ["{", "[1]", '[{"row": "raw"}]'])
def test_a_damaged_file_is_not_written_over(tmp_path, text):
    path = tmp_path / "phantom.json"
    path.write_text(text)
    with pytest.raises(OutputError, match=r"phantom\.json"):
        PHANTOM_STORE.add(path, [record()])
    assert path.read_text() == text


def test_lines_tell_seeds_from_volumes_and_stand_in_the_order_of_the_rows():
    both = [record(), record(seed=1, dice=(0.7, 0.5)), record("raw", budget=""), record("gone"), record("default:2")]
    measured = lines(both)
    assert [line.title for line in measured] == [
        "grey values, tree",
        "default",
        "default, 2 latent dimensions",
        "gone, tree",
    ]
    spread = measured[1].dice[2]
    assert measured[1].n_seeds == 2
    assert spread.mean == pytest.approx(0.7)
    assert spread.seeds == pytest.approx(0.1 * 2**0.5)
    assert spread.volumes == pytest.approx(0.1 * 2**0.5)
    assert measured[0].dice[4].seeds is None
    assert lines([record(leaves=64)])[0].title == "default, 64 leaves"


def test_the_page_holds_targets_and_published_numbers_against_what_was_measured():
    plan = QualityPlan((), RunBudget(), [0])
    measured = [
        record(dice=(0.96, 0.96)),
        record("unet", grouping="classes", dice=(1.0, 1.0)),
        record("raw", grouping="k-means", budget="", dice=(0.92, 0.92)),
        record("raw", variant="irregular", budget=""),
        record("raw", part="validation"),
    ]
    found = sections(plan, measured)
    text = found["phantom regular"]
    assert "| **default** | 10 min, cpu | 0.960 (0.00) | 0.860 (0.00) | 0.760 (0.00) | 1 | 1.0 |" in text
    assert "| Target | 0.960 ≥ 0.950: yes | 0.860 ≥ 0.750: yes | 0.760 ≥ 0.500: yes |" in text
    assert "| Best baseline + 0.05 | 0.960 ≥ 0.970: no |" in text
    assert "| Share of the ceiling | 0.960 ≥ 0.950: yes | 0.860 ≥ 0.765: yes |" in text
    assert "| *Published: Hsu et al. 2021* | – | 0.952 | 0.541 | 0.216 |" in text
    assert "Published" not in found["phantom irregular"]
    assert "learned: 60000 to 60079; test: 60100 to 60119" in found["phantom run"]
    assert found["phantom run"].count("typed") == found["phantom run"].count("here") == 1
    assert set(sections(plan, []).values()) == {None}
    assert json.loads(json.dumps(measured[0].dice)) == measured[0].dice
