"""What a person reads first of a table of measurements: how many there are, then what is most asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from napari_hypseg.structures.length_units import unit_symbol
from napari_hypseg.structures.measurement_table import MeasurementTable

MANY = 3
"""Structures or regions that are called by their names in a sentence, at most."""


@dataclass(frozen=True)
class MeasuredKind:
    """What the rows of a table stand for.

    Parameters
    ----------
    kind
        ``"structure"`` or ``"region"``.
    names
        Of the structures or regions that were measured.
    in_pieces
        Whether the rows are their pieces.
    """

    kind: str
    names: tuple[str, ...]
    in_pieces: bool = False


def count_words(table: MeasurementTable, what: MeasuredKind) -> str:
    """The count: ``312 pieces of particle``."""
    if not what.in_pieces:
        return _counted(len(table), what.kind)
    names = ", ".join(what.names)
    of = names if what.kind == "structure" else f"region {names}"
    if len(what.names) > MANY:
        of = _counted(len(what.names), what.kind)
    return f"{_counted(len(table), 'piece')} of {of}"


def summary_words(table: MeasurementTable, what: MeasuredKind, n_small: int = 0) -> Sequence[str]:
    """Median diameter, total volume, and what was cut off or left out; each only where it means something."""
    words = []
    present = table["voxels"] > 0
    diameter, volume = table.column("equivalent_diameter"), table.column("volume")
    if what.in_pieces and present.any():
        words.append(f"median diameter {_amount(np.median(diameter.values[present]))} {unit_symbol(diameter.unit)}")
    if what.kind == "region" or len(what.names) == 1:  # structures may lie inside one another
        words.append(f"together {_amount(volume.values.sum())} {unit_symbol(volume.unit, 3)}")
    if at_edge := int(table["touches_edge"].sum()):
        words.append(f"{at_edge} cut off by the edge of the volume")
    if n_small:
        words.append(f"{n_small} smaller left out")
    return words


def _amount(value: float) -> str:
    """Four digits, thousands apart; a power of ten only where the number would be no shorter without."""
    rounded = float(f"{value:.4g}")
    return f"{rounded:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}") if 1e4 <= abs(rounded) < 1e10 else f"{value:.4g}"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
