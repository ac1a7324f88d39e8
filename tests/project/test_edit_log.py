import os

import pytest

from napari_hypseg.errors import OutputError, ProjectError
from napari_hypseg.project.edit_log import EditLog

SUBJECT = {"segmentation": "0123456789abcdef", "leaves": 4}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "edits" / "log.jsonl"


def written(path, n_records):
    log = EditLog(path, SUBJECT)
    log.read()
    records = [{"do": number} for number in range(n_records)]
    for record in records:
        log.append(record)
    return records


def test_what_was_appended_is_read_again_and_gone_on_with(path):
    assert EditLog(path, SUBJECT).read().records == ()
    records = written(path, 5)
    log = EditLog(path, SUBJECT)
    assert list(log.read().records) == records
    log.append({"undo": "x"})
    content = EditLog(path, SUBJECT).read()
    assert list(content.records) == [*records, {"undo": "x"}]
    assert content.damage == ""


def test_a_write_that_was_cut_off_anywhere_loses_the_last_edit_alone(path):
    records = written(path, 3)
    whole = path.read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1
    for length in range(last, len(whole)):
        path.write_bytes(whole[:length])
        log = EditLog(path, SUBJECT)
        content = log.read()
        assert (list(content.records), content.damage) == (records[:2], "")
        log.append({"do": "again"})
        assert list(EditLog(path, SUBJECT).read().records) == [*records[:2], {"do": "again"}]


def test_no_flipped_bit_goes_unnoticed_and_what_is_damaged_is_kept_beside(path):
    records = written(path, 3)
    whole = path.read_bytes()
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        content = EditLog(path, SUBJECT).read()
        assert "cannot be read" in content.damage
        assert list(content.records) == records[: len(content.records)]
    path.write_bytes(flipped)
    log = EditLog(path, SUBJECT)
    log.read()
    log.append({"do": "new"})
    assert path.with_name("log-damaged-1.jsonl").read_bytes() == flipped
    assert EditLog(path, SUBJECT).read().records[-1] == {"do": "new"}


def test_a_missing_line_is_noticed(path):
    written(path, 4)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2] + lines[3:]))
    content = EditLog(path, SUBJECT).read()
    assert list(content.records) == [{"do": 0}]
    assert "edits after number 1 cannot be read" in content.damage


def test_the_log_of_other_regions_is_not_taken_for_ours(path):
    written(path, 2)
    content = EditLog(path, {**SUBJECT, "leaves": 5}).read()
    assert content.records == ()
    assert "edits after number 0 cannot be read" in content.damage


def test_a_log_of_a_newer_version_is_refused(path, monkeypatch):
    monkeypatch.setattr("napari_hypseg.project.edit_log.FORMAT_VERSION", 2)
    written(path, 1)
    monkeypatch.undo()
    with pytest.raises(ProjectError, match="was made by a newer version of napari-hypseg"):
        EditLog(path, SUBJECT).read()


def test_a_full_disk_leaves_the_log_as_it_was(path, monkeypatch):
    records = written(path, 2)
    before = path.read_bytes()
    log = EditLog(path, SUBJECT)
    log.read()

    def full(handle):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"The edit was not done: .*the disk is full"):
        log.append({"do": "lost"})
    monkeypatch.undo()
    assert path.read_bytes() == before
    log.append({"do": "again"})
    assert list(EditLog(path, SUBJECT).read().records) == [*records, {"do": "again"}]
