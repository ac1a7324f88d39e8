"""Numbers as cells of a table."""

from collections.abc import Sequence
from statistics import mean, stdev

NONE = "–"
"""What stands where nothing was measured."""


def percent(share: float | None, digits: int) -> str:
    """A share in [0, 1] in percent."""
    return number(None if share is None else 100 * share, digits)


def number(value: float | None, digits: int) -> str:
    """A number with so many digits behind the point."""
    return NONE if value is None else f"{value:.{digits}f}"


def with_spread(values: Sequence[float], digits: int) -> str:
    """Mean of what each seed gave ± its sample standard deviation, which a single seed does not have."""
    spread = f" ± {stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{number(mean(values) if values else None, digits)}{spread}"
