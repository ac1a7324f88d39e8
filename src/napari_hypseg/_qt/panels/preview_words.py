"""What a person reads of a preview of pieces: the count first, then how it came about and what comes next."""

from napari_hypseg._qt.controllers.pieces_preview import PiecesPreview

WAITING = "…"


def preview_count(preview: PiecesPreview) -> str:
    """``12 pieces of shell``; dots for the number while it is not known."""
    wanted, found = preview.wanted, preview.found
    if wanted is None:
        return ""
    number = found.count(wanted.smallest) if preview.ready and found is not None else None
    words = "piece" if number == 1 else "pieces"
    return f"{WAITING if number is None else number} {words} of {wanted.choice.structure}"


def preview_details(preview: PiecesPreview) -> str:
    """What was left out, and that nothing is measured yet."""
    wanted, found = preview.wanted, preview.found
    if wanted is None:
        return ""
    if not preview.ready or found is None:
        return "preview: looking for them"
    smaller = found.report.n_small + len(found.report.sizes) - found.count(wanted.smallest)
    left_out = f"{smaller} smaller left out, " if smaller else ""
    return f"preview: {left_out}Measure makes the table"
