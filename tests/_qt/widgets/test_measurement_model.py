"""The table as Qt's views see it."""

import numpy as np
import pytest
from qtpy.QtCore import QPersistentModelIndex, Qt

from napari_hypseg._qt.widgets.measurement_model import MeasurementModel, display_text
from napari_hypseg.structures.measurement_table import Column, MeasurementTable


@pytest.fixture
def model(qapp):
    names = Column("name", "Name", np.array(["b", "a", "ab"], object))
    volumes = Column("volume", "Volume", np.array([2.0, np.nan, 12345.6]), "nanometer", 3)
    made = MeasurementModel()
    made.show(MeasurementTable((names, volumes)))
    return made


def column(model, number=0):
    return [model.index(row, number).data() for row in range(model.rowCount())]


def test_rows_are_sorted_and_filtered_and_what_is_selected_stays_so(model):
    chosen = QPersistentModelIndex(model.index(0, 0))
    model.sort(1, Qt.SortOrder.DescendingOrder)
    assert column(model) == ["ab", "b", "a"]
    assert (chosen.row(), model.row_of(chosen)) == (1, 0)
    model.filter("A")
    assert column(model) == ["ab", "a"]
    assert (model.place_of(1).row(), model.place_of(0).isValid()) == (1, False)
    assert model.shown()["name"].tolist() == ["ab", "a"]


def test_numbers_stand_on_the_right_under_their_units(model):
    heads = [model.headerData(n, Qt.Orientation.Horizontal) for n in range(2)]
    assert heads == ["Name", "Volume (nm³)"]
    assert model.index(0, 1).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert column(model, 1) == ["2", "–", "12\u2009346"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.123456, "0.12346"), (np.int64(1234567), "1\u2009234\u2009567"), (np.bool_(True), "yes")]
)
def test_values_are_short(value, text):
    assert display_text(value) == text


def test_an_empty_model_has_nothing(qapp):
    model = MeasurementModel()
    assert (model.rowCount(), model.columnCount(), len(model.shown().columns)) == (0, 0, 0)
