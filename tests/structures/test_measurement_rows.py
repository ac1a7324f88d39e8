"""Which rows a filter lets through."""

import numpy as np
import pytest

from napari_hypseg.structures.measurement_rows import matching_rows
from napari_hypseg.structures.measurement_table import Column, MeasurementTable

TABLE = MeasurementTable(
    (
        Column("name", "Name", np.array(["Shell #1", "shell #2", "lumen"], object)),
        Column("parent", "Parent", np.array(["", "", "particle"], object)),
        Column("equivalent_diameter", "Diameter", np.array([1.0, 2.0, np.nan]), "nanometer"),
        Column("touches_edge", "Touches edge", np.array([True, False, False])),
    )
)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", [0, 1, 2]),
        ("shell", [0, 1]),
        ("PARTICLE", [2]),
        ("diameter > 1.5", [1]),
        ("dia<=2", [0, 1]),
        ("equivalent_diameter=1", [0]),
        ("shell; diameter >= 2", [1]),
        ("touches = 1", [0]),
        ("weight > 3", []),
        ("diameter > ", []),
    ],
)
def test_words_and_comparisons(text, rows):
    assert np.flatnonzero(matching_rows(TABLE, text)).tolist() == rows
