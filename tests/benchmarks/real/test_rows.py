from dataclasses import replace

import pytest

from benchmarks.real.page import CHAPTER, real_sections
from benchmarks.real.records import REAL_STORE, GroupRecord, RealRecord
from benchmarks.real.rows import columns_of, rows_of
from benchmarks.reporting.page import insert
from napari_hypseg.errors import OutputError


def made(specimen="pat0004", method="gaussian", best=0.5, clicks=None, learns=False, **other):
    group = GroupRecord(3, [1, 2], best, 4, 0.9, clicks)
    budget, device = ("8 min", "cpu") if learns else ("", "")
    told = {"groups": {"whole tumour": group}, "command": "python -m benchmarks real", "machine": "two cores", **other}
    return RealRecord("brats2013_open", specimen, method, learns, budget, device, 256, 0, 1000, 12.4, **told)


def test_a_row_is_the_mean_over_specimens_and_counts_those_that_can_be_had():
    (row,) = rows_of([made("a", best=0.4, clicks=3), made("b", best=0.8, clicks=6), made("c", best=0.6)])
    (column,) = columns_of(row.records)
    assert row.cell(column) == "0.60 · – · 0.90 · 4.5 (2 of 3)"
    worth = row.as_dict()["groups"]["whole tumour"]
    assert worth == {
        "best_node_dice": pytest.approx(0.6),
        "leaf_union_dice": pytest.approx(0.9),
        "best_by_tree": {},
        "dice_after_clicks": {},
        "clicks_to_85": 4.5,
        "reached": 2,
        "count": 3,
    }
    assert rows_of([made()])[0].cell(column) == "0.50 · – · 0.90 · –"


def test_clicks_and_trees_are_means_over_those_that_were_measured():
    groups = [
        GroupRecord(1, [1], 0.5, 4, 0.9, None, {"1": 0.4, "3": after}, "kinds", {"parts": 0.3, "kinds": 0.5})
        for after in (0.6, 0.8)
    ]
    records = [made(str(n), groups={"lumen": group}) for n, group in enumerate(groups)]
    (row,) = rows_of([*records, made("old", groups={"lumen": GroupRecord(1, [1], 0.5, 4, 0.9, None)})])
    worth = row.as_dict()["groups"]["lumen"]
    assert worth["dice_after_clicks"] == {"1": pytest.approx(0.4), "3": pytest.approx(0.7)}
    assert worth["best_by_tree"] == {"parts": pytest.approx(0.3), "kinds": pytest.approx(0.5)}
    assert row.cell(columns_of(records)[0]) == "0.50 · 0.70 · 0.90 · –"


def test_several_seeds_have_a_spread_and_three_regions_a_table_with_what_was_published():
    made_with = [
        replace(
            made(one, "hyperbolic", learns=True), volume="brats2013_flair", seed=seed, groups={"whole tumour": group}
        )
        for one, seed, dice in (("a", 0, 0.5), ("b", 0, 0.7), ("a", 1, 0.7), ("b", 1, 0.9))
        for group in [GroupRecord(3, [1], dice, 4, 0.9, None, best_of_three={"parts": dice, "kinds": dice / 2})]
    ]
    (row,) = rows_of(made_with)
    assert row.cell(columns_of(made_with)[0]) == "0.70 ± 0.14 · – · 0.90 · –"
    text = real_sections(made_with)["real brats2013_flair"]
    assert "|  | a | b | mean |" in text
    assert "| hyperbolic, 8 min on cpu, parts | 0.60 ± 0.14 | 0.80 ± 0.14 | 0.70 ± 0.14 |" in text
    assert "| *Published: Hsu et al. 2021* | – | – | 0.684 |" in text


def test_many_structures_are_taken_together_by_level():
    groups = {f"part {i}": GroupRecord(1 + i % 2, [i], i / 12, 0, 1.0, 1) for i in range(12)}
    (row,) = rows_of([made(groups=groups)])
    columns = columns_of(row.records)
    assert [column.title for column in columns] == ["level 1: 6 structures", "level 2: 6 structures"]
    assert row.cell(columns[1]) == "0.50 · – · 1.00 · 1"


def test_what_was_measured_before_stays_and_the_newer_of_the_same_counts(tmp_path):
    file = tmp_path / "real.json"
    assert REAL_STORE.load(file) == []
    REAL_STORE.add(file, [made(), made(method="hyperbolic", learns=True)])
    kept = REAL_STORE.add(file, [made(best=0.7), replace(made(), seed=1)])
    assert REAL_STORE.load(file) == kept
    assert [(one.method, one.seed) for one in kept] == [("gaussian", 0), ("hyperbolic", 0), ("gaussian", 1)]
    assert kept[0].groups["whole tumour"].best_node_dice == 0.7


@pytest.mark.parametrize("text", ["", '[{"volume": "x"}]', '[{"groups": {}}]'])
def test_damaged_measurements_are_a_sentence(tmp_path, text):
    file = tmp_path / "real.json"
    file.write_text(text)
    with pytest.raises(OutputError, match=r"real\.json"):
        REAL_STORE.load(file)


def test_the_page_has_means_each_patient_and_what_was_asked_for():
    records = [made("pat0004", clicks=2), made("pat0005"), made("pat0004", "hyperbolic", 0.9, 1, True, picture="a.png")]
    sections = real_sections(records)
    text = sections["real brats2013_open"]
    assert sections["real lm_nuclei"] is None
    assert "| asked for | – | – | 0.85 |" in text
    assert "| gaussian | 256 | 12 | 0.50 · – · 0.90 · 2 (1 of 2) |" in text
    assert "| hyperbolic, 8 min on cpu | 256 | 12 | 0.90 · – · 0.90 · 1 |" in text
    assert text.index("Mean over pat0004, pat0005:") < text.index("pat0005 alone:")
    assert "![pat0004: brains with a tumour, FLAIR and T1c; hyperbolic](images/a.png)" in text
    assert text.count("python -m benchmarks real") == text.count("Measured with two cores.") == 1
    page = insert(CHAPTER, "real brats2013_open", text)
    assert page.index("### brats2013_open") < page.index("asked for") < page.index("### sstem_vnc")
