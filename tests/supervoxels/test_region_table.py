"""Regions of basins are looked up part by part, and only in the parts that the basins lie in."""

from dataclasses import replace

import numpy as np

from napari_hypseg.storage.record_log import RecordLog
from napari_hypseg.supervoxels.region_table import RegionTable
from napari_hypseg.supervoxels.relabelled_ids import RelabelledIds


class Watched(RecordLog):
    def __getitem__(self, number):
        self.read = {*getattr(self, "read", ()), number}
        return super().__getitem__(number)


def made(*lengths):
    numbers = np.random.default_rng(0).permutation(sum(lengths))
    table = RegionTable(Watched())
    for part in np.split(numbers, np.cumsum(lengths)[:-1]):
        table.append(part)
    return table, numbers


def test_regions_of_single_basins():
    table, numbers = made(3, 0, 5, 4, 8)
    basins = np.array([0, 2, 9, 11])
    np.testing.assert_array_equal(table.at(basins), numbers[basins])
    assert table.log.read == {0, 3}
    np.testing.assert_array_equal(table.mapped(np.arange(20)[::-1]).at(basins), 19 - numbers[basins])
    assert table.at(basins[:0]).shape == (0,)
    np.testing.assert_array_equal(table.rows(2, 13), numbers[2:13])


def test_ids_are_relabelled_wherever_they_lie_in_the_table():
    table, numbers = made(*[1000] * 50)
    ids = np.random.default_rng(1).choice([0, 1, 7, 20_000, 48_999], (5, 6, 7)).astype(np.uint32)
    found = RelabelledIds(ids, 1000, table)[1:, :, 2:]
    expected = np.concatenate([[0], numbers[1000:] + 1])[ids[1:, :, 2:]]
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.uint32
    assert table.log.read == {1, 20, 49}, "of the parts between, nothing is read"
    assert not RelabelledIds(np.zeros_like(ids), 0, replace(table))[:].any()
