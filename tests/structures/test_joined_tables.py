"""Tables of several volumes in one: units of the first, columns that all have."""

import numpy as np

from napari_hypseg.structures.joined_tables import joined_tables
from napari_hypseg.structures.measurement_table import Column, MeasurementTable


def table(volumes, unit, *others):
    names = np.array(["core"] * len(volumes), dtype=object)
    return MeasurementTable(
        (Column("name", "Name", names), Column("volume", "Volume", np.array(volumes), unit, 3), *others)
    )


def test_volumes_are_in_the_unit_of_the_first_and_say_where_they_are_from():
    mean = Column("mean", "Mean", np.array([7.0]))
    joined = joined_tables({"a": table([2.0, 3.0], "nanometer"), "b": table([1.0], "micrometer", mean)})
    assert joined["source"].tolist() == ["a", "a", "b"]
    assert [column.header for column in joined.columns] == ["source", "name", "volume_nm3"]
    np.testing.assert_allclose(joined["volume"], [2.0, 3.0, 1e9])


def test_a_column_whose_unit_is_not_known_in_one_of_them_is_left_out():
    joined = joined_tables({"a": table([2.0], "nanometer"), "b": table([1.0], "pixel")})
    assert [column.key for column in joined.columns] == ["source", "name"]
