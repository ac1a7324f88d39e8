"""Means over structures, specimens and volumes; where the pixel classifier is ahead is said."""

from dataclasses import replace

from benchmarks.clicks.comparisons import CLICKS
from benchmarks.clicks.page import PIECES, SUMMARY, TREES, VERDICT, VOLUMES, click_sections, similar_section
from benchmarks.clicks.records import ClickedStructure, ClickRecord


def structure(regions, dabs, node=0.5, area=0.8):
    curves = ({str(n): dice for n in CLICKS} if dice is not None else {} for dice in (regions, dabs))
    return ClickedStructure([1], 0.1, node, 0.8, *curves, None, area, None if area is None else area + 0.1)


def record(volume, specimen, *structures):
    named = {f"part {number}": one for number, one in enumerate(structures)}
    made = ClickRecord(volume, specimen, "hyperbolic", "1 min", "cpu", 512, 0, (8, 8, 8), 512, 12, 3.0, named)
    return replace(made, command="python -m benchmarks clicks", machine="one machine")


RECORDS = [
    record("a", "1", structure(0.6, 0.4), structure(0.8, 0.4)),
    record("a", "2", structure(0.9, 0.4)),
    record("b", "b", structure(0.4, 0.6, area=None)),
]


def test_every_volume_counts_alike():
    sections = click_sections(RECORDS)
    assert "| clicks on regions | 0.60 |" in sections[SUMMARY], "((0.7 + 0.9) / 2 + 0.4) / 2"
    assert "| dabs for a pixel classifier | 0.50 |" in sections[SUMMARY]
    assert "Five clicks against the best single region: +0.10" in sections[VERDICT]
    assert "The pixel classifier is ahead, on average over the structures: b after 1, 2, 3" in sections[VERDICT]
    assert sections[VOLUMES].count("**") == 2 * 3
    assert "| part 0 | 0.50 | 0.80 | 0.60 / 0.40 |" in sections[VOLUMES]


def test_of_what_was_not_measured_nothing_is_said():
    assert set(click_sections([]).values()) == {None}
    alone = click_sections([record("a", "1", structure(0.6, None))])
    assert "| dabs for a pixel classifier | – |" in alone[SUMMARY]
    assert "ahead, on average over the structures: nowhere" in alone[VERDICT]
    assert similar_section([record("a", "1", structure(0.6, None, area=None))], 9.0, "one machine") is None


def test_regions_are_compared_where_dabs_were_measured():
    summary = click_sections([*RECORDS, record("c", "c", structure(0.9, None))])[SUMMARY]
    assert "| clicks on regions | 0.70 |" in summary
    assert "| clicks on regions, where dabs were measured | 0.60 |" in summary
    assert "| dabs for a pixel classifier | 0.50 |" in summary


def test_pieces_stand_beside_the_regions_they_are_pieces_of():
    pieces = {str(n): 0.7 for n in CLICKS}
    clicked = record("a", "1", replace(structure(0.6, 0.4), pieces=pieces))
    text = click_sections([clicked, replace(clicked, seed=1), *RECORDS])[PIECES]
    assert text.splitlines()[-1] == "| a, 2 seeds |" + " 0.60 / 0.70 |" * len(CLICKS)
    assert click_sections(RECORDS)[PIECES] is None


def test_areas_are_shown_by_volume():
    text = similar_section(RECORDS, 12.4, "one machine")
    assert "| a | 0.80 | 0.90 |" in text
    assert "takes 12 ms (one machine)" in text
    assert "| b |" not in text


def test_seeds_of_one_specimen_are_one_table_with_their_spread():
    both = {"parts": 0.4, "kinds": 0.6}
    first = record("a", "1", replace(structure(0.7, None, node=0.6), nodes=both))
    second = replace(record("a", "1", replace(structure(0.8, None, node=0.8), nodes={**both, "kinds": 0.8})), seed=1)
    sections = click_sections([first, second])
    assert "| a | 0.40 ± 0.00 | 0.70 ± 0.14 | 0.70 ± 0.14 | 0.80 ± 0.00 | 0.75 ± 0.07 |" in sections[TREES]
    assert sections[VOLUMES].count("**a, 1**") == 1
    assert "2 seeds" in sections[VOLUMES]
    assert "| part 0 | 0.70 ± 0.14 | 0.80 | 0.75 / – |" in sections[VOLUMES]
    assert click_sections(RECORDS)[TREES] is None, "earlier records do not tell the trees apart"
