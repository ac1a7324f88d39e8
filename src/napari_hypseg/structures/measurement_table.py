"""A table of measurements: columns that know their units, rows that can be sorted, and CSV."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import SettingError
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.storage.atomic import write_bytes
from napari_hypseg.structures.length_units import plain_unit, unit_symbol


@dataclass(frozen=True, eq=False)
class Column:
    """One thing that was measured.

    Parameters
    ----------
    key
        Plain word for programs, such as ``"volume"``.
    title
        What a person reads above it, without the unit.
    values
        One value a row: int64, float64 (NaN where there is none), bool or text.
    unit
        Name of a length, ``"pixel"``, or empty for what has none.
    power
        1 for lengths, 2 for areas, 3 for volumes.
    description
        What the number is, in one sentence.
    """

    key: str
    title: str
    values: npt.NDArray[Any]
    unit: str = ""
    power: int = 1
    description: str = ""

    @property
    def heading(self) -> str:
        """Title with unit, for a person: ``Volume (nm³)``."""
        return f"{self.title} ({unit_symbol(self.unit, self.power)})" if self.unit else self.title

    @property
    def header(self) -> str:
        """Key with unit, for a program: ``volume_nm3``."""
        return f"{self.key}_{plain_unit(self.unit, self.power)}" if self.unit else self.key


@dataclass(frozen=True, eq=False)
class MeasurementTable:
    """Rows of measurements, one for each object.

    Parameters
    ----------
    columns
        All with one value a row.
    """

    columns: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.columns[0].values)

    def __getitem__(self, key: str) -> npt.NDArray[Any]:
        """Values of the column `key`.

        Raises
        ------
        SettingError
            Naming the columns there are.
        """
        return self.column(key).values

    def column(self, key: str) -> Column:
        """The column `key`.

        Raises
        ------
        SettingError
            Naming the columns there are.
        """
        found = next((column for column in self.columns if key in (column.key, column.header)), None)
        if found is None:
            raise SettingError(
                f"There is no column {key!r}; choose one of {', '.join(column.key for column in self.columns)}."
            )
        return found

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Rows as plain Python values, None where there is none."""
        for row in zip(*(column.values.tolist() for column in self.columns), strict=True):
            yield tuple(None if value != value else value for value in row)

    def records(self) -> list[dict[str, Any]]:
        """Rows by the headers of their columns, as `rows` gives them."""
        headers = [column.header for column in self.columns]
        return [dict(zip(headers, row, strict=True)) for row in self.rows()]

    def sorted_by(self, key: str, descending: bool = False) -> "MeasurementTable":
        """The same rows in the order of one column; equal ones stay in theirs, and those without a value come last.

        Raises
        ------
        SettingError
            Naming the columns there are.
        """
        return self.take(self.order(key, descending))

    def order(self, key: str, descending: bool = False) -> npt.NDArray[np.int64]:
        """The places (n,) of the rows in the order of one column, as for `sorted_by`."""
        values = self[key]
        missing = values != values
        _, ranks = np.unique(values, return_inverse=True)
        ranks = -ranks if descending else ranks
        return np.lexsort((ranks, missing))

    def take(self, rows: npt.NDArray[Any]) -> "MeasurementTable":
        """The rows at the places `rows` (n,), or where `rows` is true."""
        return MeasurementTable(tuple(replace(column, values=column.values[rows]) for column in self.columns))

    def csv(self) -> str:
        """Comma-separated text: a line of headers, then nine digits a number, empty where there is none."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(column.header for column in self.columns)
        writer.writerows(map(_word, row) for row in self.rows())
        return text.getvalue()

    def write_csv(self, path: Path, inputs: Iterable[Path] = ()) -> None:
        """Write the table as UTF-8 text, whole or not at all.

        Raises
        ------
        OutputError
            If `path` is one of `inputs`, which were read, lies in a project, or cannot be written.
        """
        check_no_overwrite([path], inputs)
        write_bytes(path, self.csv().encode())


def _word(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.9g}" if isinstance(value, float) else str(value)
