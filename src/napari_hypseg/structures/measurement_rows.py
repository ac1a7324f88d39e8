"""Which rows of a table of measurements a person wants to see: those that match words and comparisons."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.structures.measurement_table import Column, MeasurementTable

Rows = npt.NDArray[np.bool_]
COMPARISON = re.compile(r"\s*(?P<column>[^<>=!]+?)\s*(?P<sign><=|>=|!=|<|>|=)\s*(?P<number>[-+0-9.,eE\u2009 ]+?)\s*")
SIGNS: Mapping[str, Callable[[Any, float], Rows]] = MappingProxyType(
    {
        "<": lambda values, number: values < number,
        "<=": lambda values, number: values <= number,
        ">": lambda values, number: values > number,
        ">=": lambda values, number: values >= number,
        "=": lambda values, number: values == number,
        "!=": lambda values, number: values != number,
    }
)


def matching_rows(table: MeasurementTable, text: str) -> Rows:
    """Rows (bool, n) that match everything in `text`.

    Parameters
    ----------
    table
        What was measured.
    text
        Terms, with ``;`` between them: a comparison with a column, such as ``volume > 100``, or words, which have to be
        part of what the row is called or of its parent. Upper and lower case are alike.
    """
    rows = np.ones(len(table), dtype=bool)
    for term in filter(None, map(str.strip, text.split(";"))):
        compared = _compared(table, term)
        rows &= _named(table, term) if compared is None else compared
    return rows


def _compared(table: MeasurementTable, term: str) -> Rows | None:
    """Rows for which a comparison holds, None if `term` is none."""
    found = COMPARISON.fullmatch(term)
    column = _column(table, found["column"]) if found else None
    if found is None or column is None:
        return None
    try:
        number = float(re.sub(r"[,\s]", "", found["number"]))
    except ValueError:
        return None
    return np.asarray(SIGNS[found["sign"]](column.values, number), dtype=bool)


def _column(table: MeasurementTable, word: str) -> Column | None:
    """The column of numbers whose title, heading or key begins with `word`."""
    word = word.casefold()
    numbers = [column for column in table.columns if column.values.dtype != object]
    names = [(column, name.casefold()) for column in numbers for name in (column.title, column.key, column.heading)]
    exact = next((column for column, name in names if name == word), None)
    return exact or next((column for column, name in names if name.startswith(word)), None)


def _named(table: MeasurementTable, words: str) -> Rows:
    texts = [column.values for column in table.columns if column.values.dtype == object]
    rows = np.zeros(len(table), dtype=bool)
    for values in texts:
        rows |= np.array([words.casefold() in str(value).casefold() for value in values], dtype=bool)
    return rows
