"""What to do with a project that is in the way: the person decides, nothing is overwritten by itself."""

from enum import Enum
from pathlib import Path

from qtpy.QtWidgets import QMessageBox, QWidget


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


def free_name(path: Path) -> Path:
    """``NAME-2.hypseg``, or the next number that is free."""
    number = 2
    while (free := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    return free
