"""Measured tables in a page of the documentation: each between two marks, so that the prose around them stays."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from napari_hypseg.errors import OutputError
from napari_hypseg.storage.atomic import replacing

NOT_MEASURED = "*Not measured yet.*"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first column is words, the others are numbers."""
    align = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, align, *rows))


def write_report(path: Path, template: str, sections: Mapping[str, str | None]) -> None:
    """Put what was measured into the page at `path`.

    Parameters
    ----------
    path
        The page; made from `template` if it is not there.
    template
        A page in which `placeholder` marks where each section goes.
    sections
        Markdown by name; None for what was not measured this time, which leaves what stands there.

    Raises
    ------
    OutputError
        If the page cannot be read or written.
    """
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else template
    except (OSError, ValueError) as error:
        raise OutputError(f"{path} cannot be read ({error}); move it away or name another --out.") from error
    for name, content in sections.items():
        text = insert(text, name, content)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def insert(text: str, name: str, content: str | None) -> str:
    """`text` with `content` between the marks of section `name`; these are added at the end if they are missing."""
    begin, end = marks(name)
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        before, after = text.rstrip("\n") + "\n\n", "\n"
        content = content or NOT_MEASURED
    return text if content is None else f"{before}{begin}\n\n{content.strip()}\n\n{end}{after}"


def placeholder(name: str) -> str:
    """What a template holds in place of section `name`."""
    begin, end = marks(name)
    return f"{begin}\n\n{NOT_MEASURED}\n\n{end}"


def marks(name: str) -> tuple[str, str]:
    """The lines that a section stands between; no reader of the page sees them."""
    return f"<!-- {name}: measured, do not edit -->", f"<!-- {name}: end -->"
