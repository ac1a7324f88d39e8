from dataclasses import dataclass

from benchmarks.ct_phantom.tube import TubeChoices, choices_of
from benchmarks.locate.kept_rows import KeptRows, code_digest, digest_of


@dataclass(frozen=True)
class Row:
    shape: tuple[int, int]
    choices: TubeChoices
    lost: float | None


ROWS = [Row((3, 4), choices_of(seed), lost) for seed, lost in ((1, None), (2, 0.25))]


def kept(path, settings="default"):
    return KeptRows(path, Row, settings)


def test_rows_come_back_as_they_were_kept(tmp_path):
    path = tmp_path / "new" / "rows.jsonl"
    assert kept(path).read() == []
    for row in ROWS:
        kept(path).add(row)
    assert kept(path).read() == ROWS
    assert path.read_text().count("\n") == 2


def test_a_line_cut_short_by_a_stop_is_left_out(tmp_path):
    path = tmp_path / "rows.jsonl"
    for row in ROWS:
        kept(path).add(row)
    path.write_text(path.read_text()[:-30])
    assert kept(path).read() == ROWS[:1]
    path.write_text("3\n[]\n{}\nnonsense\n")
    assert kept(path).read() == []


def test_rows_of_other_settings_or_other_code_are_not_taken(tmp_path, monkeypatch):
    path = tmp_path / "rows.jsonl"
    kept(path).add(ROWS[0])
    assert kept(path, "other").read() == []
    monkeypatch.setattr("benchmarks.locate.kept_rows.code_digest", lambda: "other")
    assert kept(path).read() == []


def test_the_digest_tells_code_apart(tmp_path):
    assert code_digest() == code_digest()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "module.py").write_text("A = 1\n")
    before = digest_of([tmp_path / "one"])
    assert before != digest_of([tmp_path / "two"])
    (tmp_path / "one" / "notes.txt").write_text("not code")
    assert digest_of([tmp_path / "one"]) == before
    (tmp_path / "one" / "module.py").write_text("A = 2\n")
    assert digest_of([tmp_path / "one"]) != before
