"""The curves of Dice over clicks: all volumes together, then each."""

from collections.abc import Callable, Sequence

from benchmarks.clicks.averages import Value, of_dabs, on_regions, over_volumes, volume_names
from benchmarks.clicks.comparisons import CLICKS
from benchmarks.clicks.records import ClickRecord
from benchmarks.reporting.line_charts import Chart, Line, line_charts

REGIONS, DABS, NODE, UNION, CEILING = "#0072b2", "#d55e00", "#888888", "#009e73", "#cc79a7"
"""Colours that stay apart for colour-blind eyes (Okabe & Ito 2008)."""


def click_figure(records: Sequence[ClickRecord]) -> str:
    """An SVG of what was measured."""
    compared = [one for one in records if one.has_dabs]
    volumes = volume_names(records)
    charts = [_chart(f"mean of {len(volumes)} volumes", records, [])]
    if compared and len(compared) < len(records):
        charts = [_chart(f"mean of the {len(volume_names(compared))} volumes with dabs", compared, compared)]
    elif compared:
        charts = [_chart(f"mean of {len(volumes)} volumes", records, compared)]
    for name in volumes:
        own = [one for one in records if one.volume == name]
        charts.append(_chart(name, own, [one for one in own if one.has_dabs]))
    return line_charts(charts, CLICKS, "clicks", "Dice")


def _chart(title: str, records: Sequence[ClickRecord], compared: Sequence[ClickRecord]) -> Chart:
    lines = [
        _bound("best single region", NODE, over_volumes(records, lambda s: s.best_node)),
        _bound("best union of leaves", UNION, over_volumes(records, lambda s: s.best_union)),
        _bound("network told labels", CEILING, _ceiling(records)),
        _curve("dabs for a pixel classifier", DABS, compared, of_dabs),
        _curve("clicks on regions", REGIONS, records, on_regions),
    ]
    return Chart(title, [line for line in lines if line is not None])


def _ceiling(records: Sequence[ClickRecord]) -> float | None:
    """What the network reaches, None unless it was told labels of all these volumes."""
    known = {one.volume for one in records if any(s.ceiling is not None for s in one.structures.values())}
    return over_volumes(records, lambda s: s.ceiling) if known == set(volume_names(records)) else None


def _bound(name: str, colour: str, value: float | None) -> Line | None:
    if value is None:
        return None
    return Line(name, colour, [(CLICKS[0], value), (CLICKS[-1], value)], dashed=True)


def _curve(name: str, colour: str, records: Sequence[ClickRecord], of: Callable[[int], Value]) -> Line | None:
    points, band = [], []
    for n in CLICKS:
        value = over_volumes(records, of(n))
        if value is None:
            return None
        points.append((n, value))
        band.append((n, *_range(records, of(n), value)))
    return Line(name, colour, points, band)


def _range(records: Sequence[ClickRecord], value: Value, usual: float) -> tuple[float, float]:
    """The lowest and the highest of the seeds that all volumes share."""
    volumes = set(volume_names(records))
    found = [usual]
    for seed in {one.seed for one in records}:
        own = [one for one in records if one.seed == seed]
        mean = over_volumes(own, value)
        if mean is not None and set(volume_names(own)) == volumes:
            found.append(mean)
    return min(found), max(found)
