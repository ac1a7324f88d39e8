"""Measured tables replace measured tables, and nothing else."""

import pytest

from benchmarks.reporting.page import NOT_MEASURED, insert, placeholder, table, write_report
from napari_hypseg.errors import OutputError

TEMPLATE = f"# A page\n\nWhy.\n\n{placeholder('one')}\n\nBetween.\n\n{placeholder('two')}\n"


def test_table():
    assert table(("", "a"), [("x", "1"), ("y", "2")]).splitlines() == [
        "|  | a |",
        "| --- | ---: |",
        "| x | 1 |",
        "| y | 2 |",
    ]


def test_a_new_page_comes_from_the_template(tmp_path):
    write_report(tmp_path / "new" / "page.md", TEMPLATE, {"one": "| 1 |", "two": None})
    text = (tmp_path / "new" / "page.md").read_text()
    assert text.startswith("# A page\n\nWhy.\n")
    assert "| 1 |" in text
    assert text.count(NOT_MEASURED) == 1


def test_prose_survives_and_measuring_again_changes_only_the_tables(tmp_path):
    page = tmp_path / "page.md"
    write_report(page, TEMPLATE, {"one": "| 1 |", "two": "| 2 |"})
    page.write_text(page.read_text().replace("Between.", "Between, by hand. \\1 $&"))
    before = page.read_text()
    write_report(page, "never used", {"one": "| 1 |", "two": "| 2 |"})
    assert page.read_text() == before
    write_report(page, "never used", {"one": "| 3 |", "two": None})
    assert page.read_text() == before.replace("| 1 |", "| 3 |")


def test_a_section_whose_marks_are_gone_comes_last():
    text = insert("By hand.\n", "one", "| 1 |")
    assert text.startswith("By hand.\n\n<!-- one")
    assert insert(text, "one", "| 2 |") == text.replace("| 1 |", "| 2 |")
    assert NOT_MEASURED in insert("By hand.\n", "two", None)


def test_a_page_that_is_no_text_is_left_alone(tmp_path):
    (tmp_path / "page.md").write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(OutputError, match=r"page\.md"):
        write_report(tmp_path / "page.md", TEMPLATE, {})
