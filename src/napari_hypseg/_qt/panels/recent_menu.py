"""The menu of a button that opens: a project from a folder, one of those that were open last, or picks."""

from collections.abc import Callable
from pathlib import Path

from qtpy.QtGui import QAction
from qtpy.QtWidgets import QMenu, QWidget

from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg.project.recent_projects import RecentProjects

EMPTY = "No project was open before"


class RecentMenu(QMenu):
    """Filled anew each time it is shown, with the projects that are still there.

    Parameters
    ----------
    recent
        The projects that were open last.
    ask
        Lets the person choose a folder.
    open_project
        Opens one.
    picks
        Opens particles; the last entry.
    """

    def __init__(
        self, recent: RecentProjects, ask: Callable[[], object], open_project: Callable[[Path], object],
        picks: QAction, parent: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._recent, self._ask, self._open, self._picks = recent, ask, open_project, picks
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        self.clear()
        self.addAction("Choose a folder…").triggered.connect(lambda: self._ask())
        self.addSection("Recent projects")
        projects = self._recent.existing()
        for path in projects:
            same = [other for other in projects if other.name == path.name]
            entry = self.addAction(_escaped(path.name if len(same) == 1 else f"{path.name} in {path.parent}"))
            entry.setToolTip(str(path))
            entry.triggered.connect(lambda _=False, path=path: self._open_one(path))
        if projects:
            self.addSeparator()
            clear = self.addAction("Clear this list")
            clear.setToolTip("Forgets which projects were open; the projects themselves stay.")
            clear.triggered.connect(lambda: self._recent.clear())
        else:
            self.addAction(EMPTY).setEnabled(False)
        self.addSection("Particles")
        self.addAction(self._picks)

    def _open_one(self, path: Path) -> None:
        with reporting_errors():
            self._open(path)


def _escaped(name: str) -> str:
    """A name in a menu, where a lone & would underline the letter behind it."""
    return name.replace("&", "&&")
