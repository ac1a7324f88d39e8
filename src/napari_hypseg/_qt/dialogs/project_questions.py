"""Questions about a project: what to do with one that is in the way, where its volumes are, what others are to follow.

The person decides; nothing is overwritten by itself.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path

from qtpy.QtWidgets import QCheckBox, QFileDialog, QMessageBox, QWidget

from napari_hypseg._qt.controllers.send_back import SendBackController
from napari_hypseg._qt.widgets.controls import set_tooltip
from napari_hypseg.structures.structure import Structure

FOLDERS = (".zarr",)
"""Endings of volumes that are folders."""


class OverwriteChoice(Enum):
    """What the person wants."""

    OPEN = "open"
    OVERWRITE = "overwrite"
    RENAME = "other name"
    CANCEL = "cancel"


def ask_overwrite(path: Path, parent: QWidget) -> OverwriteChoice:
    """Ask about the project at `path`."""
    box = QMessageBox(parent)
    box.setWindowTitle("The project exists")
    box.setText(f"There is already a project {path.name} in {path.parent}.")
    box.setInformativeText("Open it as it was left, replace it for good, or keep the new work under another name?")
    role = QMessageBox.ButtonRole
    buttons = {
        box.addButton("Open it", role.AcceptRole): OverwriteChoice.OPEN,
        box.addButton("Overwrite it", role.DestructiveRole): OverwriteChoice.OVERWRITE,
        box.addButton("Other name", role.ActionRole): OverwriteChoice.RENAME,
        box.addButton("Cancel", role.RejectRole): OverwriteChoice.CANCEL,
    }
    box.exec()
    return next((answer for button, answer in buttons.items() if button is box.clickedButton()), OverwriteChoice.CANCEL)


def ask_replace(path: Path, parent: QWidget) -> bool:
    """Ask whether a copy may take the place of the project at `path`."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("The project exists")
    box.setText(f"There is already a project {path.name} in {path.parent}.")
    box.setInformativeText("Replace it for good? Everything that was learned and edited in it is lost then.")
    replace = box.addButton("Replace it", QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    box.exec()
    return box.clickedButton() is replace


def free_name(path: Path) -> Path:
    """``NAME-2.hypseg``, or the next number that is free."""
    number = 2
    while (free := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    return free


def ask_location(gone: Sequence[Path], locate: Callable[[Sequence[Path]], None], parent: QWidget) -> QMessageBox:
    """Offer to locate the files in `gone`; `locate` is called with where to look for them."""
    box = QMessageBox(parent)
    names = ", ".join(path.name for path in gone)
    box.setWindowTitle("A volume is missing" if len(gone) == 1 else "Volumes are missing")
    box.setText(f"{', '.join(map(str, gone))} {'is' if len(gone) == 1 else 'are'} missing.")
    box.setInformativeText("The regions are shown without. Relink what was moved or renamed to work with it again.")
    role = QMessageBox.ButtonRole
    locating = box.addButton("Relink…", role.AcceptRole)
    box.addButton("Not now", role.RejectRole)

    def choose() -> None:
        if box.clickedButton() is locating and (place := _choose_place(gone, f"Where is {names} now?", parent)):
            locate([place, place.parent] if place.is_file() or place.suffix in FOLDERS else [place])

    box.finished.connect(choose)
    box.open()
    return box


def ask_send_back(sending: SendBackController, structure: Structure | None, parent: QWidget) -> QMessageBox:
    """Offer to send the corrections of a structure, or for None all, to the common project."""
    box = QMessageBox(parent)
    what = "all corrections" if structure is None else f"what was corrected in {structure.name}"
    added, taken = sending.counts(structure)
    box.setWindowTitle("Send corrections back")
    box.setText(f"Send {what} to {sending.target}?")
    box.setInformativeText(
        f"Leaves that are added there: {added}; taken away: {taken}. Each structure is one edit, which undo takes back "
        "there. Painted voxels belong to this volume and stay here."
    )
    others = QCheckBox("Let the other volumes in this folder follow now")
    set_tooltip(others, "Structures that were corrected in another volume stay as they are there.")
    box.setCheckBox(others)
    role = QMessageBox.ButtonRole
    send = box.addButton("Send", role.AcceptRole)
    box.setEscapeButton(box.addButton("Cancel", role.RejectRole))
    box.setDefaultButton(send)
    box.finished.connect(lambda: sending.send(structure, others.isChecked()) if box.clickedButton() is send else None)
    box.open()
    return box


def _choose_place(gone: Sequence[Path], title: str, parent: QWidget) -> Path | None:
    """The file that has taken the place of one that is gone, or the folder that holds several."""
    start = str(next((folder for folder in gone[0].parents if folder.is_dir()), Path.home()))
    if len(gone) > 1 or gone[0].suffix in FOLDERS:
        chosen = QFileDialog.getExistingDirectory(parent, title, start)
    else:
        chosen, _ = QFileDialog.getOpenFileName(parent, title, start)
    return Path(chosen) if chosen else None
