"""Tables of several volumes as one: with the name of the volume in front, and everything in the units of the first."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from napari_hypseg.structures.measurement_table import Column, MeasurementTable
from napari_hypseg.volumes.units import convert, is_length

VOLUME = "Name of the volume that it was measured in."


def joined_tables(tables: Mapping[str, MeasurementTable]) -> MeasurementTable:
    """One table of the rows of all `tables`, at least one, by the name of their volume.

    Columns that one of them lacks are left out.
    """
    first, *_ = tables.values()
    names = np.concatenate([np.full(len(table), name, dtype=object) for name, table in tables.items()])
    kept = [one for one in first.columns if all(_has(table, one) for table in tables.values())]
    columns = [
        replace(one, values=np.concatenate([_in_unit_of(one, table.column(one.key)) for table in tables.values()]))
        for one in kept
    ]
    return MeasurementTable((Column("source", "Volume of", names, description=VOLUME), *columns))


def _has(table: MeasurementTable, column: Column) -> bool:
    """Whether a table has a column in a unit that can be converted to that of `column`."""
    other = next((one for one in table.columns if one.key == column.key), None)
    return other is not None and (other.unit == column.unit or (is_length(other.unit) and is_length(column.unit)))


def _in_unit_of(column: Column, other: Column) -> np.ndarray:
    if other.unit == column.unit:
        return other.values
    return other.values * convert(1.0, other.unit, column.unit) ** other.power
