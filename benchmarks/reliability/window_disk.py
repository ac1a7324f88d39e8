"""A disk that fills while a person works in the window: ``xvfb-run python -m benchmarks.reliability.window_disk``.

Train is pressed on a layer in memory and the disk is full from some moment on: at once, or so many seconds later. Then
a level is kept and exported on a full disk. Each time the window has to live on and say what happened in a sentence,
nothing that was kept may be gone, and with room again the same has to work.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.reliability import faults

QUICK = {"steps": 10, "crop": 16, "width": 4, "leaves": 12}
MOMENTS = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
PATIENCE = 300.0


def main() -> int:
    if not os.environ.get(faults.LIBRARY):
        base = Path(tempfile.mkdtemp(prefix="hypseg-window-"))
        (base / "disk").mkdir()
        os.environ |= {"HYPSEG_FULL_BELOW": str(base / "disk"), "HYPSEG_FULL_WHILE": str(base / "full")}
    faults.enable()
    window = Window(Path(os.environ["HYPSEG_FULL_BELOW"]), Path(os.environ["HYPSEG_FULL_WHILE"]))
    rows = [window.train(moment) for moment in MOMENTS]
    rows += [window.keep(), window.export()]
    window.close()
    print(json.dumps(rows, indent=1))
    return int(any(row["wrong"] for row in rows))


class Window:
    """A viewer with an array in it and the dock beside it.

    Parameters
    ----------
    disk
        Folder that can be full.
    flag
        File that makes it so.
    """

    def __init__(self, disk: Path, flag: Path) -> None:
        import napari
        import numpy as np
        from napari.utils.notifications import notification_manager

        from napari_hypseg._qt.dock import HypsegDock
        from napari_hypseg.volumes.phantom import phantom

        self._disk, self._flag, self._records = disk, flag, notification_manager.records
        self.viewer = napari.Viewer()
        self.viewer.add_image(np.asarray(phantom((32, 32, 32), seed=1).volume.channels[0]), name="cell")
        self.dock = HypsegDock(self.viewer)
        self.viewer.window.add_dock_widget(self.dock, name="Hypseg")
        for name, value in QUICK.items():
            forms = [form for forms in self.dock.learn.form.forms.values() for form in forms]
            next(form.editors[name] for form in forms if name in form.editors).set(value)

    def train(self, moment: float) -> dict[str, object]:
        """A new project whose disk is full `moment` seconds after Train; then Train again with room."""
        self.dock.choose.set_project_folder(self._disk / f"{moment:g}.hypseg")

        def act() -> None:
            self.dock.learn.train.click()
            self._wait(lambda: self._idle() or self._full())
            self._wait(self._idle)

        row = self._starved(f"Train, full after {moment:g} s", act, moment)
        before = len(self._records)
        self.dock.choose.set_project_folder(self._disk / f"{moment:g}-again.hypseg")
        self.dock.learn.train.click()
        self._wait(self._idle)
        if "regions" not in self.viewer.layers:
            row["wrong"] = f"no regions with room again: {[record.message for record in self._records[before:]]}"
        return row

    def keep(self) -> dict[str, object]:
        """A level that cannot be kept is not shown as kept, and can be kept with room again."""
        project = self.dock.session.project

        def act() -> None:
            self.dock.explore.name.setText("five")
            self.dock.explore.keep.click()
            self._wait(self._idle)

        row = self._starved("Keep this level", act)
        if project.levels:
            row["wrong"] = "shown as kept"
        act()
        if [level.name for level in project.levels] != ["five"]:
            row["wrong"] = "cannot be kept with room again"
        return row

    def export(self) -> dict[str, object]:
        """An export that has no room leaves no file."""
        target = self._disk / "five.mrc"

        def act() -> None:
            self.dock.explore.export.click()
            self.dock.dialog.path.setText(str(target))
            self.dock.dialog.write.click()
            self._wait(self._idle)

        row = self._starved("Export", act)
        if target.exists():
            row["wrong"] = "a file is there"
        self.dock.dialog.close()
        act()
        if not target.exists():
            row["wrong"] = "cannot be exported with room again"
        return row

    def close(self) -> None:
        """End the session and the viewer."""
        self.dock.session.shut_down()
        self.viewer.close()

    def _starved(self, name: str, act: Callable[[], None], after: float = 0.0) -> dict[str, object]:
        """Do something on a disk that is full `after` so many seconds; gives a row of the table."""
        from qtpy.QtCore import QTimer

        before = len(self._records)
        QTimer.singleShot(int(1000 * after), self._flag.touch)
        if not after:
            self._flag.touch()
        act()
        self._flag.unlink(missing_ok=True)
        said = [record.message for record in self._records[before:] if str(record.severity) in ("error", "warning")]
        wrong = "" if said or after else "nothing was said"
        if any("Traceback" in message or "unforeseen" in message for message in said):
            wrong = said[0]
        return {"what": name, "said": said[:1], "wrong": wrong}

    def _idle(self) -> bool:
        return self.dock.session.activity == ""

    def _full(self) -> bool:
        return self._flag.exists()

    def _wait(self, done: Callable[[], bool]) -> None:
        from qtpy.QtWidgets import QApplication

        until = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > until:
                raise TimeoutError("the window is still busy")
            QApplication.processEvents()
            time.sleep(0.005)


if __name__ == "__main__":
    sys.exit(main())
