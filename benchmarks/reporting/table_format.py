"""Numbers as cells of a table."""

NONE = "–"
"""What stands where nothing was measured."""


def percent(share: float | None, digits: int) -> str:
    """A share in [0, 1] in percent."""
    return number(None if share is None else 100 * share, digits)


def number(value: float | None, digits: int) -> str:
    """A number with so many digits behind the point."""
    return NONE if value is None else f"{value:.{digits}f}"
