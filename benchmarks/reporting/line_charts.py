"""Small line charts side by side as SVG: sharp at every size, and text in a repository."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 210, 150
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 24, 30
"""Pixels of a chart around its axes."""
ACROSS = 4
"""Charts in a row."""
LEGEND = 26
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
STYLE = "font-family: sans-serif; font-size: 10px; fill: #444"


@dataclass(frozen=True)
class Line:
    """One line of a chart.

    Parameters
    ----------
    name, colour
        As in the legend; a colour of CSS.
    points
        (x, y) with x above 0 and y in [0, 1].
    band
        (x, lowest y, highest y) around it, none for no band.
    dashed
        For bounds.
    """

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    band: Sequence[tuple[float, float, float]] = ()
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """Lines over one pair of axes."""

    title: str
    lines: Sequence[Line]


def line_charts(charts: Sequence[Chart], x_ticks: Sequence[float], x_name: str, y_name: str) -> str:
    """An SVG of all charts; x is logarithmic."""
    columns = min(ACROSS, max(len(charts), 1))
    rows = -(-len(charts) // columns)
    width, height = columns * WIDTH, rows * HEIGHT + LEGEND
    body = [part for number, chart in enumerate(charts) for part in _chart(number, chart, x_ticks, x_name, y_name)]
    named = {line.name: line for chart in charts for line in chart.lines}
    legend = _legend(list(named.values()), height - LEGEND + 14)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" style="{STYLE}">'
    ground = f'<rect width="{width}" height="{height}" fill="white"/>'
    return "\n".join([head, ground, *body, *legend, "</svg>", ""])


def _chart(number: int, chart: Chart, x_ticks: Sequence[float], x_name: str, y_name: str) -> Iterator[str]:
    left, top = number % ACROSS * WIDTH, number // ACROSS * HEIGHT
    yield f'<g transform="translate({left} {top})">'
    yield f'<text x="{LEFT}" y="15" font-weight="bold">{escape(chart.title)}</text>'
    for tick in TICKS:
        y = _y(tick)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 4}" y="{y + 3}" text-anchor="end">{tick:g}</text>'
    for value in x_ticks:
        yield f'<text x="{_x(value, x_ticks)}" y="{HEIGHT - BOTTOM + 12}" text-anchor="middle">{value:g}</text>'
    yield f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">{escape(x_name)}</text>'
    yield f'<text transform="translate(8 {_y(0.5)}) rotate(-90)" text-anchor="middle">{escape(y_name)}</text>'
    for line in chart.lines:
        yield from _line(line, x_ticks)
    yield "</g>"


def _line(line: Line, x_ticks: Sequence[float]) -> Iterator[str]:
    if line.band:
        up = [f"{_x(x, x_ticks)},{_y(high)}" for x, _, high in line.band]
        down = [f"{_x(x, x_ticks)},{_y(low)}" for x, low, _ in reversed(line.band)]
        yield f'<polygon points="{" ".join([*up, *down])}" fill="{line.colour}" fill-opacity="0.25"/>'
    points = " ".join(f"{_x(x, x_ticks)},{_y(y)}" for x, y in line.points)
    dash = ' stroke-dasharray="4 3"' if line.dashed else ""
    yield f'<polyline points="{points}" fill="none" stroke="{line.colour}" stroke-width="1.6"{dash}/>'


def _legend(lines: Sequence[Line], y: float) -> Iterator[str]:
    x = LEFT
    for line in lines:
        dash = ' stroke-dasharray="4 3"' if line.dashed else ""
        yield f'<line x1="{x}" x2="{x + 20}" y1="{y - 3}" y2="{y - 3}" stroke="{line.colour}" stroke-width="2"{dash}/>'
        yield f'<text x="{x + 25}" y="{y}">{escape(line.name)}</text>'
        x += 45 + 6 * len(line.name)


def _x(value: float, ticks: Sequence[float]) -> float:
    share = math.log(value / ticks[0]) / math.log(ticks[-1] / ticks[0])
    return round(LEFT + 6 + share * (WIDTH - RIGHT - LEFT - 12), 1)


def _y(value: float) -> float:
    return round(HEIGHT - BOTTOM - value * (HEIGHT - BOTTOM - TOP), 1)
