"""A disk that fills while a person works in the window: ``xvfb-run python -m benchmarks.reliability.window_disk``.

Whatever the window can write is begun, and the disk is full from the moment on at which a certain file is touched,
whichever process does it. Each time the window has to live on and say what happened in a sentence, nothing that was
kept may be gone, no file may appear under a final name, and with room again the same has to work.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.reliability import faults

QUICK = {"steps": 40, "crop": 16, "width": 4, "leaves": 12}
AT_ONCE = ""
TRAINING = {
    "Train is pressed": AT_ONCE,
    "the layer's voxels are written": "0-0.npy",
    "the project is begun": "project.json",
    "the model is written": "checkpoint",
    "the course of learning is written": "training.json",
    "the segmentation is begun": "/segmentations",
    "supervoxels are written": "0-uint32-0.zarr/c",
    "edges are written": "1-float16-0.zarr/c",
    "leaves are written": "leaves-0.zarr/c",
    "the tree is written": "tree.zarr",
    "the segmentation is put in place": "current",
}
"""What Train writes, and by what in its path the first operation on it is known."""
BOX = "4:28,4:28,4:28"
PATIENCE = 300.0


@dataclass
class Disk:
    """A folder that can be full.

    Parameters
    ----------
    folder
        Below it there is no room while `flag` exists.
    flag
        Made by the first operation on a path that holds the text in ``FLAG.from``.
    """

    folder: Path
    flag: Path

    def fill(self, moment: str) -> None:
        """Be full at once, or from the first operation on a path that holds `moment`."""
        self.flag.with_name(f"{self.flag.name}.from").write_text(moment)
        if moment == AT_ONCE:
            self.flag.touch()

    def empty(self) -> bool:
        """Have room again; gives whether it was full."""
        was_full = self.flag.exists()
        self.flag.with_name(f"{self.flag.name}.from").unlink(missing_ok=True)
        self.flag.unlink(missing_ok=True)
        return was_full


class Window:
    """A viewer with an array in it and the dock beside it."""

    def __init__(self, disk: Disk) -> None:
        import napari
        import numpy as np
        from napari.utils.notifications import notification_manager

        from napari_hypseg._qt.dock import HypsegDock
        from napari_hypseg.volumes.phantom import phantom

        self._disk, self._records = disk, notification_manager.records
        self.viewer = napari.Viewer()
        self.viewer.add_image(np.asarray(phantom((32, 32, 32), seed=1).volume.channels[0]), name="cell")
        self.dock = HypsegDock(self.viewer)
        self.viewer.window.add_dock_widget(self.dock, name="Hypseg")
        for name, value in QUICK.items():
            forms = [form for forms in self.dock.learn.form.forms.values() for form in forms]
            next(form.editors[name] for form in forms if name in form.editors).set(value)

    def train(self, what: str, moment: str) -> dict[str, Any]:
        """A new project on a disk that becomes full; then Train again with room."""
        number = len(list(self._disk.folder.glob("*.hypseg")))
        folder = self._disk.folder / f"{number}.hypseg"
        self.dock.specimens.set_project_folder(folder)
        row = self._starved(f"Train: full when {what}", moment, self.dock.learn.train.click)
        self.dock.specimens.set_project_folder(folder.with_name(f"{number}-again.hypseg"))
        self._expect(row, self.dock.learn.train.click, self._has_regions, "no regions with room again")
        return row

    def make_regions(self) -> dict[str, Any]:
        """Regions made anew: those there were stay, on the disk and in the picture."""
        before = self._project.segmentation.fingerprint
        row = self._starved(
            "Make regions: full when leaves are written", "leaves-0.zarr/c", self.dock.learn.segment.click
        )
        if self._project.segmentation.fingerprint != before or not self._has_regions():
            row["wrong"] = "the regions there were are gone"
        self._expect(row, self.dock.learn.segment.click, self._has_regions, "no regions with room again")
        return row

    def move_slider(self) -> dict[str, Any]:
        """Where the slider stands is shown though it cannot be saved, and saved with room again."""

        def move(regions: int) -> None:
            self.dock.explore.number.setValue(regions)
            self._pause(1.0)

        row = self._starved("The slider is moved", AT_ONCE, lambda: move(4))
        path, settings = self._project.path, "n_regions"
        self._expect(
            row, lambda: move(5), lambda: json.loads((path / "project.json").read_text())[settings] == 5, "lost"
        )
        return row

    def keep(self) -> dict[str, Any]:
        """A level that cannot be kept is not shown as kept, and can be kept with room again."""

        def act() -> None:
            self.dock.explore.name.setText("five")
            self.dock.explore.keep.click()

        row = self._starved("Keep this level", AT_ONCE, act)
        if self._project.levels or "five" in self.viewer.layers:
            row["wrong"] = "shown as kept"
        kept = lambda: [level.name for level in self._project.levels] == ["five"]  # noqa: E731
        self._expect(row, act, kept, "cannot be kept with room again")
        return row

    def draw(self, what: str, moment: str, count: int) -> dict[str, Any]:
        """A picture of what was learned, of more components than the one that is kept."""
        panel = self.dock.explore.latent_views
        panel.count.setValue(count)
        panel.picture.setCurrentIndex(
            next(i for i in range(panel.picture.count()) if panel.picture.itemData(i).counted)
        )
        row = self._starved(f"See what was learned: full when {what}", moment, panel.show_button.click)
        kept = self._project.path / "pictures"
        self._expect(row, panel.show_button.click, lambda: any(kept.glob("*/record.json")), "not drawn with room again")
        return row

    def export(self) -> dict[str, Any]:
        """An export that has no room leaves no file."""
        return self._write("Export", self.dock.explore.export.click, "five.mrc")

    def find(self) -> dict[str, Any]:
        """A layer's voxels are written for the job that looks for the sample."""
        tempfile.tempdir = str(self._disk.folder)
        search = self.dock.locate.search.click
        row = self._starved("Find sample", AT_ONCE, search)
        found = lambda: any(layer.name.startswith("sample map") for layer in self.viewer.layers)  # noqa: E731
        self._expect(row, search, found, "nothing is found with room again")
        tempfile.tempdir = None
        if left := [path.name for path in self._disk.folder.glob("hypseg-*")]:
            row["wrong"] = f"left behind: {left}"
        return row

    def crop(self) -> dict[str, Any]:
        """A cropped volume that has no room leaves no file."""
        self.dock.choose.box.setText(BOX)
        self.dock.choose.choice()
        self._pause(0.5)
        return self._write("Crop and save", self.dock.locate.crop_requested.emit, "crop.mrc")

    def close(self) -> None:
        """End the session and the viewer."""
        self.dock.workspace.shut_down()
        self.viewer.close()

    @property
    def _project(self):  # type: ignore[no-untyped-def]
        return self.dock.model.project

    def _has_regions(self) -> bool:
        return "regions" in self.viewer.layers and self._project is not None and self._project.segmentation is not None

    def _write(self, what: str, open_dialog: Callable[[], object], name: str) -> dict[str, Any]:
        target = self._disk.folder / name

        def act() -> None:
            open_dialog()
            dialog = self.dock.dialog
            assert dialog is not None
            dialog.path.setText(str(target))
            dialog.write.click()

        row = self._starved(what, AT_ONCE, act)
        if target.exists():
            row["wrong"] = "a file is there"
        self._close_dialog()
        self._expect(row, act, target.exists, "cannot be written with room again")
        self._close_dialog()
        return row

    def _close_dialog(self) -> None:
        if self.dock.dialog is not None:
            self.dock.dialog.close()

    def _starved(self, what: str, moment: str, act: Callable[[], object]) -> dict[str, Any]:
        """Do something on a disk that becomes full at `moment`; gives a row of the table."""
        before = len(self._records)
        self._disk.fill(moment)
        act()
        self._wait()
        was_full = self._disk.empty()
        told = [record.message for record in self._records[before:] if str(record.severity) in ("error", "warning")]
        wrong = "" if told else "nothing was said"
        if any("Traceback" in message or "unforeseen" in message for message in told):
            wrong = told[0]
        return {"what": what, "said": told, "wrong": wrong if was_full else "the moment did not come"}

    def _expect(self, row: dict[str, Any], act: Callable[[], object], good: Callable[[], bool], otherwise: str) -> None:
        """With room again, the same has to work."""
        before = len(self._records)
        act()
        self._wait()
        if not good():
            row["wrong"] = f"{otherwise}: {[record.message for record in self._records[before:]]}"

    def _wait(self) -> None:
        self._pause(0.3, lambda: self.dock.activity.kind is None)

    def _pause(self, seconds: float, until: Callable[[], bool] = lambda: True) -> None:
        from qtpy.QtWidgets import QApplication

        start = time.monotonic()
        while time.monotonic() < start + seconds or not until():
            if time.monotonic() > start + PATIENCE:
                raise TimeoutError("the window is still busy")
            QApplication.processEvents()
            time.sleep(0.005)


def main() -> int:
    if not os.environ.get(faults.LIBRARY):
        base = Path(tempfile.mkdtemp(prefix="hypseg-window-"))
        (base / "disk").mkdir()
        os.environ |= {"HYPSEG_FULL_BELOW": str(base / "disk"), "HYPSEG_FULL_WHILE": str(base / "full")}
    faults.enable()
    window = Window(Disk(Path(os.environ["HYPSEG_FULL_BELOW"]), Path(os.environ["HYPSEG_FULL_WHILE"])))
    rows = [window.train(what, moment) for what, moment in TRAINING.items()]
    rows += [window.make_regions(), window.move_slider(), window.keep()]
    rows += [
        window.draw("Show is pressed", AT_ONCE, 1),
        window.draw("it is written", "/0.zarr/c", 2),
        window.export(),
        window.find(),
        window.crop(),
    ]
    window.close()
    for row in rows:
        print(f"| {row['what']} | {' '.join(row['said'])} | {row['wrong'] or 'nothing'} |")
    return int(any(row["wrong"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
