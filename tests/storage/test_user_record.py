"""Records that several threads and windows change at once."""

from concurrent.futures import ThreadPoolExecutor

from napari_hypseg.storage import user_record
from napari_hypseg.storage.lock import FileLock
from napari_hypseg.storage.user_record import UserRecord, user_file


def test_nothing_is_lost_where_many_change_it_at_once(tmp_path):
    file = tmp_path / "new" / "notes.json"
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda one: UserRecord(file, list[int]).update(lambda before: [*before, one]), range(40)))
    assert sorted(UserRecord(file, list[int]).read()) == list(range(40))
    assert [entry.name for entry in file.parent.iterdir()] == ["notes.json"]


def test_where_somebody_keeps_it_locked_it_is_done_without(tmp_path, monkeypatch):
    monkeypatch.setattr(user_record, "PATIENCE", 0.02)
    record = UserRecord(tmp_path / "notes.json", list[int])
    record.update(lambda _: [1])
    lock = FileLock.acquire(tmp_path / ".notes.json.lock", "a test")
    record.update(lambda _: [2])
    assert record.read() == [1]
    lock.release()
    record.update(lambda _: [2])
    assert record.read() == [2]


def test_it_lies_in_the_folder_of_the_person(monkeypatch, tmp_path):
    monkeypatch.setenv("HYPSEG_CACHE", str(tmp_path))
    assert user_file("notes.json", lambda name, appauthor: "elsewhere") == tmp_path / "notes.json"
    monkeypatch.delenv("HYPSEG_CACHE")
    found = user_file("notes.json", lambda name, appauthor: f"/cache/{name}")
    assert found.as_posix() == "/cache/napari-hypseg/notes.json"
