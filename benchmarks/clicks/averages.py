"""Means over structures, specimens and volumes: every one counts alike."""

from collections.abc import Callable, Sequence
from statistics import mean

from benchmarks.clicks.records import ClickedStructure, ClickRecord

Value = Callable[[ClickedStructure], float | None]


def on_regions(n: int) -> Value:
    """What so many clicks on regions reach."""
    return lambda structure: structure.regions[str(n)]


def on_pieces(n: int) -> Value:
    """What so many clicks on regions or single pieces of them reach, None where that was not measured."""
    return lambda structure: structure.pieces.get(str(n))


def of_dabs(n: int) -> Value:
    """What so many dabs reach, None where there were none."""
    return lambda structure: structure.dabs.get(str(n))


def volume_names(records: Sequence[ClickRecord]) -> list[str]:
    """In the order in which they come."""
    return list(dict.fromkeys(one.volume for one in records))


def over_volumes(records: Sequence[ClickRecord], value: Value) -> float | None:
    """Mean over volumes of the means over their specimens."""
    volumes = [[one for one in records if one.volume == name] for name in volume_names(records)]
    known = [found for own in volumes if (found := mean_of(own, value)) is not None]
    return mean(known) if known else None


def mean_of(records: Sequence[ClickRecord], value: Value) -> float | None:
    """Mean over specimens of the means over their structures."""
    each = [[found for s in one.structures.values() if (found := value(s)) is not None] for one in records]
    known = [mean(values) for values in each if values]
    return mean(known) if known else None
