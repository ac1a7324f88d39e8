"""The picture of the curves."""

from xml.etree import ElementTree

from benchmarks.clicks.figure import click_figure
from tests.benchmarks.clicks.test_page import record, structure

SVG = "{http://www.w3.org/2000/svg}"


def polylines(svg):
    return {line.get("stroke"): line for line in svg.iter(f"{SVG}polyline")}


def test_all_volumes_come_first_then_each_with_what_was_measured_of_it():
    records = [record("a", "1", structure(0.6, 0.4)), record("b<", "b", structure(0.9, None))]
    svg = ElementTree.fromstring(click_figure(records))  # our own
    titles = [text.text for text in svg.iter(f"{SVG}text") if text.get("font-weight")]
    assert titles == ["mean of the 1 volumes with dabs", "a", "b<"]
    groups = list(svg.iter(f"{SVG}g"))
    assert [len(list(group.iter(f"{SVG}polyline"))) for group in groups] == [4, 4, 3]
    heights = {line.get("points").split()[0].split(",")[1] for line in groups[1].iter(f"{SVG}polyline")}
    assert len(heights) == 4


def test_the_band_reaches_from_the_lowest_to_the_highest_seed():
    from dataclasses import replace

    low, high = (replace(record("a", "1", structure(dice, None)), seed=seed) for seed, dice in ((0, 0.2), (1, 0.8)))
    svg = ElementTree.fromstring(click_figure([low, high]))  # our own
    (band, *_) = svg.iter(f"{SVG}polygon")
    heights = {float(point.split(",")[1]) for point in band.get("points").split()}
    line = next(iter(svg.iter(f"{SVG}polyline"))).get("points")
    assert len(heights) == 2
    assert line
