"""One setting is changed at a time, the default is learned once, and the page says which it is."""

import pytest

from benchmarks.locate import ablation
from benchmarks.locate.ablation import (
    FIRST_SEED,
    FULL_ABLATION,
    QUICK_ABLATION,
    STRUCTURE,
    UNTRAINED,
    VARIATIONS,
    AblationPlan,
    AblationRow,
    Variation,
    ablation_rows,
    default_of,
)
from benchmarks.locate.ablation_table import ablation_section
from benchmarks.locate.localizer_auc import LocalizerAuc
from benchmarks.reporting.stage_message import StageMessage
from napari_hypseg.jobs import drive, quietly
from napari_hypseg.pipeline.locate_settings import LocateSettings

TINY = AblationPlan(1, 1, 48, steps=2, values=1)
FEW = (Variation("sorting", "span", (0.5, 1.0)), Variation("rotation", "angles", (8, 16)))


@pytest.fixture
def sights(monkeypatch):
    """Nothing is learned; gives what would have been."""
    learned = []

    def auc(method, changed, bench):
        learned.append((method, dict(changed)))
        yield None
        return LocalizerAuc(float(len(learned)), 0.5, 0.75, None)

    monkeypatch.setattr(ablation, "_auc", auc)
    return learned


def settings(*names):
    return [LocateSettings(method=name, device="cpu") for name in names]


@pytest.mark.parametrize("variation", VARIATIONS, ids=lambda one: f"{one.method}-{one.setting}")
def test_every_default_is_among_the_values_that_are_tried(variation):
    assert default_of(variation) in variation.values
    assert len(set(variation.values)) > 1


def test_the_plans_are_those_of_the_page():
    assert (FULL_ABLATION.learned, FULL_ABLATION.unseen, FULL_ABLATION.steps) == (8, 4, None)
    assert FIRST_SEED > 30_000
    assert QUICK_ABLATION.steps == 5


def test_the_default_is_learned_once_and_nothing_else_is_changed(sights, monkeypatch):
    monkeypatch.setattr(ablation, "VARIATIONS", VARIATIONS[:2])
    rows = quietly(ablation_rows(AblationPlan(1, 1, 48), settings("sorting")))
    assert sights == [
        ("sorting", {"steps": 1}),
        ("sorting", {}),
        ("sorting", {"margin": 0.3}),
        ("sorting", {"margin": 3.0}),
        ("sorting", {"dropout": 0.05}),
        ("sorting", {"dropout": 0.3}),
    ]
    assert [(row.setting, row.value) for row in rows if row.default] == [("margin", 1.0), ("dropout", 0.1)]
    assert {row.auc.control for row in rows if row.default} == {2.0}


@pytest.mark.parametrize(
    ("named", "varied"),
    [
        (["rotation"], ["rotation"]),
        (["vote"], ["sorting", "rotation"]),
        (["vote", "rotation", "sorting"], ["rotation", "sorting"]),
    ],
)
def test_the_localizers_that_were_named_are_varied(sights, monkeypatch, named, varied):
    monkeypatch.setattr(ablation, "VARIATIONS", FEW)
    rows = quietly(ablation_rows(TINY, settings(*named)))
    assert list(dict.fromkeys(row.method for row in rows)) == [STRUCTURE, *varied]


def test_it_learns_and_looks(monkeypatch):
    monkeypatch.setattr(ablation, "VARIATIONS", FEW)
    events = []
    rows = drive(ablation_rows(TINY, settings("sorting", "rotation")), events.append)
    assert [(row.method, row.setting, row.value, row.default) for row in rows] == [
        (STRUCTURE, "", None, False),
        ("sorting", UNTRAINED, None, False),
        ("sorting", "span", 0.5, False),
        ("sorting", "span", 1.0, True),
        ("rotation", UNTRAINED, None, False),
        ("rotation", "angles", 8, False),
        ("rotation", "angles", 16, True),
    ]
    for row in rows[1:]:
        assert 0 <= row.auc.map_auc <= 1
        assert 0 <= row.auc.profile_auc <= 1
    assert {row.setting: row.auc.chance for row in rows if row.value == 8} == {"angles": 1 / 8}
    assert StageMessage("sorting: span 0.5") in events
    again = quietly(ablation_rows(TINY, settings("sorting")))
    assert again == rows[:4]


def test_the_page_marks_the_default_and_repeats_what_needs_no_learning():
    seen = LocalizerAuc(3.14159, 2.5, 0.75, 0.875)
    rows = [
        AblationRow(STRUCTURE, "", None, False, LocalizerAuc(None, None, 0.5, None)),
        AblationRow("sorting", UNTRAINED, None, False, seen),
        AblationRow("sorting", "centred", False, True, seen),
        AblationRow("rotation", "angles", 8, False, LocalizerAuc(0.5, 1 / 8, 0.75, 0.875)),
    ]
    text = ablation_section(rows, FULL_ABLATION)
    assert "8 scans of 128³ voxels" in text
    assert "seed 0" in text
    assert text.count("| structure of the volume, no network | – | – | 0.500 | – |") == 2
    assert "| network before learning | 3.14 | 2.50 | 0.750 | 0.875 |" in text
    assert "| **centred no, default** |" in text
    assert "| angles 8 (45° apart) | 50.0 | 12.5 |" in text


def test_a_localizer_that_was_not_varied_has_no_table():
    text = ablation_section([AblationRow("sorting", "margin", 3.0, False, LocalizerAuc(1, 1, 1, 1))], QUICK_ABLATION)
    assert "### Sorting" in text
    assert "Rotation" not in text
