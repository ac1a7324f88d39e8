"""Drives the whole journey in a real window and takes the pictures of `docs/journey.md`.

    xvfb-run -a -s "-screen 0 1400x900x24" python docs/journey.py TOMOGRAM [--out docs/images] [--theme dark]

Opens the tomogram, learns from it with the settings a person finds, moves the slider, keeps two levels, exports one and
reads the export back. Prints how long it took from pressing Train to the first labels.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import napari
import numpy as np
from PIL import Image
from qtpy.QtWidgets import QApplication

COLOURS = 192
DOWN_TO_REGIONS = ((4, 0.45), (12, 0.6), (40, 0.6))


def wait(seconds=0.0, until=lambda: True):
    """Let the window live for some seconds and until something is so."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not until():
        QApplication.processEvents()
        time.sleep(0.002)


class Camera:
    """Takes pictures of the whole window, small enough for a repository."""

    def __init__(self, viewer, folder, prefix):
        self.viewer, self.folder, self.prefix = viewer, folder, prefix
        folder.mkdir(parents=True, exist_ok=True)

    def shoot(self, name):
        """Save what the window shows now."""
        wait(0.6)
        path = self.folder / f"{self.prefix}{name}.png"
        picture = self.viewer.window.screenshot(canvas_only=False, flash=False)
        Image.fromarray(picture[..., :3]).quantize(COLOURS).save(path, optimize=True)


def set_minutes(dock, minutes):
    """Type the budget into the form."""
    for form in dock.learn.form.forms["training"]:
        if "minutes" in form.editors:
            form.editors["minutes"].set(minutes)


def learn(dock, camera):
    """Press Train; takes a picture in the middle of learning."""
    session, regions = dock.session, lambda: dock.session.view and dock.session.view.regions()
    begin = time.perf_counter()
    dock.learn.train.click()
    wait(
        0.5,
        lambda: (
            dock.learn.progress.bar.maximum()
            and dock.learn.progress.bar.value() >= 0.7 * dock.learn.progress.bar.maximum()
        ),
    )
    camera.shoot("2-learning")
    wait(0.5, lambda: session.activity == "")
    wait(0.5, regions)
    print(f"first labels {time.perf_counter() - begin:.0f} s after pressing Train")


def explore(dock, viewer, camera):
    """Three granularities in 2D and in 3D, two kept levels."""
    for regions, opacity in DOWN_TO_REGIONS:
        dock.explore.number.setValue(regions)
        wait(0.3)
        dock.session.view.regions()[0].opacity = opacity
        camera.shoot(f"3-slider-{regions}")
    for regions in (4, 12):
        dock.explore.number.setValue(regions)
        wait(0.3)
        dock.explore.name.setText({4: "coarse", 12: "shells"}[regions])
        dock.explore.keep.click()
        wait(0.3)
    camera.shoot("4-kept-levels")
    dock.session.levels.show(None)
    viewer.dims.ndisplay = 3
    viewer.reset_view()
    viewer.camera.angles = (10, -35, 120)
    viewer.camera.zoom *= 0.8
    viewer.layers[0].visible = False
    for regions, _ in DOWN_TO_REGIONS:
        dock.explore.number.setValue(regions)
        camera.shoot(f"5-slider-3d-{regions}")
    viewer.dims.ndisplay = 2
    viewer.layers[0].visible = True


def see(dock, viewer, camera):
    """The denoised volume, its regions hidden for a moment."""
    seeing = dock.explore.seeing
    dock.explore.pictures.unfold(True)
    seeing.show_button.click()
    wait(0.5, lambda: dock.session.activity == "")
    wait(0.5, lambda: "denoised" in viewer.layers)
    (regions,) = dock.session.view.regions()
    regions.visible = False
    camera.shoot("9-learned")
    viewer.layers["denoised"].visible, regions.visible = False, True


def export(dock, folder, camera):
    """Export the level “coarse” as MRC through the dialog."""
    dock.explore.export.click()
    wait(0.5)
    dialog = dock.dialog
    dialog.level.setCurrentIndex(dialog.level.count() - 1)  # the level kept last
    dialog.path.setText(str(folder / "shells.mrc"))
    dialog.write.click()
    wait(0.5, lambda: dock.session.activity == "")
    wait(0.5)
    path = camera.folder / f"{camera.prefix}6-export.png"
    dialog.grab().save(str(path))
    return folder / "shells.mrc"


def main():
    """Go through the journey."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tomogram", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--theme", default="dark", choices=["dark", "light"])
    parser.add_argument("--prefix", default="")
    parser.add_argument("--size", default="1280x720")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    viewer = napari.Viewer()
    viewer.theme = arguments.theme
    viewer.window.resize(*map(int, arguments.size.split("x")))
    camera = Camera(viewer, arguments.out, arguments.prefix)
    viewer.open(arguments.tomogram, plugin="napari-hypseg")
    _, dock = viewer.window.add_plugin_dock_widget("napari-hypseg")
    dock.specimens.set_project_folder(folder / "journey.hypseg")
    if arguments.minutes:
        set_minutes(dock, arguments.minutes)
    wait(4)
    camera.shoot("1-open")
    learn(dock, camera)
    explore(dock, viewer, camera)
    see(dock, viewer, camera)
    exported = export(dock, folder, camera)
    (layer,) = viewer.open(exported, plugin="napari-hypseg")
    regions = len(np.unique(layer.data)) - (0 in np.unique(layer.data))
    print(f"read back: {regions} regions, scale {layer.scale}, units {layer.units}")
    camera.shoot("7-read-back")
    viewer.close()


if __name__ == "__main__":
    main()
