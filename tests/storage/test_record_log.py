"""Records that a killed process wrote are there again, up to the first that is not whole."""

import numpy as np
import pytest

from napari_hypseg.storage.record_log import RecordLog


@pytest.mark.parametrize("on_disk", [True, False])
def test_records_come_back_as_they_were(tmp_path, on_disk):
    log = RecordLog(tmp_path / "a.log" if on_disk else None)
    first = np.arange(6, dtype=np.uint16).reshape(2, 3), np.zeros(0, np.float32)
    log.append(*first)
    log.append()
    for found, given in zip(log[0], first, strict=True):
        np.testing.assert_array_equal(found, given)
        assert (found.dtype, found.shape) == (given.dtype, given.shape)
    assert (len(log), log[1]) == (2, ())
    assert len(log.cleared()) == 0
    log.append(np.ones(2))
    assert log[0][0].tolist() == [1, 1]


@pytest.mark.parametrize("on_disk", [True, False])
def test_some_records_are_read_without_the_others(tmp_path, on_disk):
    log = RecordLog(tmp_path / "a.log" if on_disk else None)
    for number in range(5):
        log.append(np.full(3, number))
    some = log.chosen([3, 1])
    assert [some[number][0].tolist() for number in range(len(some))] == [[3, 3, 3], [1, 1, 1]]


@pytest.mark.parametrize("left", [1, 20, 60])
def test_half_a_record_is_none(tmp_path, left):
    path = tmp_path / "a.log"
    log = RecordLog(path)
    log.append(np.arange(10))
    whole = path.stat().st_size
    log.append(np.arange(20))
    with path.open("r+b") as file:
        file.truncate(whole + left)
    again = RecordLog(path)
    assert len(again) == 1
    again.append(np.arange(3))
    assert [record[0].size for record in (RecordLog(path)[0], RecordLog(path)[1])] == [10, 3]


def test_a_damaged_record_and_those_after_it_are_none(tmp_path):
    path = tmp_path / "a.log"
    log = RecordLog(path)
    for size in (3, 4, 5):
        log.append(np.full(size, 7))
    content = bytearray(path.read_bytes())
    content[-8] ^= 1
    path.write_bytes(content)
    assert len(RecordLog(path)) == 2
