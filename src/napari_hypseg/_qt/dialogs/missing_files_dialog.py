"""Volumes of a project that are not where they were: the person says where they are now."""

from collections.abc import Callable, Sequence
from pathlib import Path

from qtpy.QtWidgets import QFileDialog, QMessageBox, QWidget

FOLDERS = (".zarr",)
"""Endings of volumes that are folders."""


def ask_place(gone: Sequence[Path], locate: Callable[[Sequence[Path]], None], parent: QWidget) -> QMessageBox:
    """Offer to locate the files in `gone`; `locate` is called with where to look for them."""
    box = QMessageBox(parent)
    names = ", ".join(path.name for path in gone)
    box.setWindowTitle("Volumes are missing")
    box.setText(f"{', '.join(map(str, gone))} {'is' if len(gone) == 1 else 'are'} missing.")
    box.setInformativeText("The regions are shown without. Locate what was moved or renamed to work with it again.")
    role = QMessageBox.ButtonRole
    locating = box.addButton("Locate it…" if len(gone) == 1 else "Locate them…", role.AcceptRole)
    box.addButton("Not now", role.RejectRole)

    def choose() -> None:
        if box.clickedButton() is locating and (place := _choose(gone, f"Where is {names} now?", parent)):
            locate([place, place.parent] if place.is_file() or place.suffix in FOLDERS else [place])

    box.finished.connect(choose)
    box.open()
    return box


def _choose(gone: Sequence[Path], title: str, parent: QWidget) -> Path | None:
    """The file that has taken the place of one that is gone, or the folder that holds several."""
    start = str(next((folder for folder in gone[0].parents if folder.is_dir()), Path.home()))
    if len(gone) > 1 or gone[0].suffix in FOLDERS:
        chosen = QFileDialog.getExistingDirectory(parent, title, start)
    else:
        chosen, _ = QFileDialog.getOpenFileName(parent, title, start)
    return Path(chosen) if chosen else None
