"""Drives the whole journey in a real window and takes the pictures of `docs/journey.md` and `docs/first_tomogram.md`.

    xvfb-run -a -s "-screen 0 2000x1200x24" python docs/journey.py TOMOGRAM [--out docs/images] [--theme dark]

Opens the tomogram, learns from it with the settings a person finds, moves the slider, puts a structure together with
the mouse and the keys, keeps a level, exports and reads the export back. Prints how long it took from pressing Train to
the first labels.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import napari
import numpy as np
from napari._qt.dialogs.qt_notification import NapariQtNotification
from PIL import Image
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_hypseg._qt.widgets.agreement_model import NODE

COLOURS = 256
DOWN_TO_REGIONS = ((4, 0.45), (12, 0.6), (40, 0.6))
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


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
        for toast in self.viewer.window._qt_window.findChildren(NapariQtNotification):
            toast.close()
        wait(0.1)
        path = self.folder / f"{self.prefix}{name}.png"
        picture = self.viewer.window.screenshot(canvas_only=False, flash=False)
        way = {"method": Image.Quantize.MAXCOVERAGE, "dither": Image.Dither.NONE}  # small swatches keep their colour
        Image.fromarray(picture[..., :3]).quantize(COLOURS, **way).save(path, optimize=True)


class Hand:
    """The mouse and the keys over the canvas."""

    def __init__(self, viewer):
        self.viewer, self.canvas = viewer, viewer.window._qt_viewer.canvas

    def click(self, layer, voxel, keys=NONE):
        """Click a voxel (y, x) of the slice in view."""
        y, x = voxel
        place = self.canvas.layer_to_visual[layer].node.get_transform("visual", "canvas").map((x + 0.5, y + 0.5))
        point = QPoint(int(place[0]), int(place[1]))
        QTest.mouseMove(self.canvas.native, point)
        QTest.mouseClick(self.canvas.native, Qt.MouseButton.LeftButton, keys, point)
        wait(0.1)

    def press(self, key, keys=NONE):
        """Press a key."""
        self.canvas.native.setFocus()
        QTest.keyClick(self.canvas.native, getattr(Qt.Key, f"Key_{key}"), keys)
        wait(0.1)


def set_minutes(dock, minutes):
    """Type the budget into the form."""
    for form in dock.learn.form.forms["training"]:
        if "minutes" in form.editors:
            form.editors["minutes"].set(minutes)


def learn(dock, camera):
    """Press Train; takes a picture in the middle of learning."""
    activity, bar = dock.activity, dock.learn.job.progress.bar
    begin = time.perf_counter()
    dock.learn.train.click()
    wait(0.5, lambda: activity.kind is None or (bar.maximum() and bar.value() >= 0.7 * bar.maximum()))
    camera.shoot("2-learning")
    wait(0.5, lambda: activity.kind is None and dock.workspace.view.regions())
    print(f"first labels {time.perf_counter() - begin:.0f} s after pressing Train")


def slide(dock, viewer, camera):
    """Three granularities in 2D and in 3D, and a kept level."""
    (layer,) = dock.workspace.view.regions()
    for regions, opacity in DOWN_TO_REGIONS:
        dock.explore.number.setValue(regions)
        wait(0.3)
        layer.opacity = opacity
        camera.shoot(f"3-slider-{regions}")
    dock.explore.kept.expand()
    dock.explore.number.setValue(12)
    dock.explore.name.setText("shells")
    dock.explore.keep.click()
    wait(0.3)
    camera.shoot("4-kept-levels")
    dock.explore.kept.expand(False)
    dock.workspace.levels.show(None)
    viewer.dims.ndisplay = 3
    viewer.reset_view()
    camera_3d = viewer.scene.camera
    camera_3d.angles = (10, -35, 120)
    camera_3d.zoom *= 0.8
    viewer.layers[0].visible = False
    for regions, _ in DOWN_TO_REGIONS:
        dock.explore.number.setValue(regions)
        camera.shoot(f"5-slider-3d-{regions}")
    viewer.dims.ndisplay = 2
    viewer.reset_view()
    viewer.layers[0].visible = True


def put_together(dock, viewer, camera, clicks):
    """Click, walk, name, add, take, ask for more like this, and undo."""
    hand = Hand(viewer)
    (layer,) = dock.workspace.view.regions()
    viewer.layers.selection.active = layer
    dock.explore.number.setValue(24)
    wait(0.3)
    hand.click(layer, clicks[0])
    camera.shoot("10-click")
    hand.press("BracketRight")
    camera.shoot("11-walk")
    hand.press("BracketLeft")
    dock.structures.name.setText("shell")
    dock.structures.make.click()
    for place in clicks[1:]:
        hand.click(layer, place, SHIFT)
    dock.structures.alike.setValue(15)
    camera.shoot("12-more-like-this")
    hand.press("Return")
    dock.workspace.structures.activate(None)
    camera.shoot("13-structure")
    print("undo:", dock.model.structures.undo_text)


def look_at_particles(dock, camera, spacing):
    """Points on the surface of the structure as a gallery, two of them junk."""
    dock.workspace.structures.activate(next(iter(dock.model.annotation.structures)))
    dock.explore.particles.click()
    panel, particles = dock.particles, dock.workspace.particles
    panel.form.picking.editors["source"].set("surface")
    panel.form.picking.editors["spacing"].set(spacing)
    wait(0.5, lambda: particles.ready)
    panel.show_page("gallery")
    wait(2)
    panel.gallery.box.setValue(28)
    panel.gallery.view.choose(np.array([3, 9]))
    panel.gallery.toggle_junk()
    wait(0.5, lambda: particles.ready and panel.gallery.averages.count() > 0)
    wait(2)
    panel.grab().save(str(camera.folder / f"{camera.prefix}16-gallery.png"))
    viewer = camera.viewer
    viewer.window.remove_dock_widget(panel)
    for name in [layer.name for layer in viewer.layers if layer.name.startswith(("particles of", "axes of"))]:
        viewer.layers.remove(name)
    dock.workspace.structures.activate(None)
    wait(0.3)


def pick(box, words):
    """Choose what says `words` in a box, as a hand does."""
    box.setCurrentIndex(next(number for number in range(box.count()) if words in box.itemText(number)))
    box.activated.emit(box.currentIndex())
    wait(0.3)


def compare(dock, viewer, camera):
    """The other tree behind a curtain."""
    dock.explore.compare.expand()
    pick(dock.compare.what, "by kinds")
    dock.compare.number.setValue(12)
    dock.explore.number.setValue(12)
    in_sight(dock, dock.compare)
    camera.shoot("14-curtain")
    pick(dock.compare.what, "nothing")
    dock.explore.compare.expand(False)


def agree(dock, viewer, camera, drawn):
    """Some slices drawn by hand beside the regions, and the best node of one of their classes."""
    volume = viewer.layers[0]
    place = {"scale": volume.scale, "translate": volume.translate, "units": volume.units}
    labels = viewer.add_labels(np.zeros(volume.data.shape, dtype=np.uint8), name="drawn", **place)
    middle = viewer.dims.current_step[0]
    rows, columns = np.indices(volume.data.shape[1:])
    for value, y, x, radius in drawn:
        inside = (rows - y) ** 2 + (columns - x) ** 2 <= radius**2
        labels.data[middle - 2 : middle + 3, inside] = value
    labels.features = {"index": [1, 2], "name": ["particle", "outside"]}
    labels.refresh()
    labels.contour = 1
    (regions,) = dock.workspace.view.regions()
    viewer.layers.selection.active = regions
    dock.explore.agreement.expand()
    wait(0.3)
    dock.agreement.labelled_only.setChecked(True)
    pick(dock.agreement.labels, "drawn")
    wait(0.5, lambda: dock.workspace.agreement.counts is not None)
    wait(0.5)
    table = dock.agreement.table
    QTest.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(dock.agreement.rows.index(0, NODE)).center()
    )
    in_sight(dock, dock.agreement)
    camera.shoot("15-agreement")
    dock.workspace.structures.clear()
    dock.workspace.levels.choose_tree("parts")
    dock.explore.agreement.expand(False)
    viewer.layers.remove(labels)
    wait(0.3)


def in_sight(dock, panel):
    """Scroll the dock to a panel."""
    wait(0.2)
    dock._scroll.ensureWidgetVisible(panel, 0, 20)


def see(dock, viewer, camera):
    """The denoised volume, its regions hidden for a moment."""
    dock.explore.pictures.expand()
    dock.explore.latent_views.show_button.click()
    wait(0.5, lambda: dock.activity.kind is None and "denoised" in viewer.layers)
    (regions,) = dock.workspace.view.regions()
    regions.visible = False
    camera.shoot("9-learned")
    viewer.layers["denoised"].visible, regions.visible = False, True
    dock.explore.pictures.expand(False)


def export(dock, folder, camera):
    """Export the structures as MRC through the dialog."""
    dock.explore.export.click()
    wait(0.5)
    dialog = dock.dialog
    dialog.path.setText(str(folder / "structures.mrc"))
    dialog.write.click()
    wait(0.5, lambda: dock.activity.kind is None)
    wait(0.5)
    dialog.grab().save(str(camera.folder / f"{camera.prefix}6-export.png"))
    return folder / "structures.mrc"


def main():
    """Go through the journey."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tomogram", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--theme", default="dark", choices=["dark", "light"])
    parser.add_argument("--prefix", default="")
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--clicks", default="115,29 67,83", help="voxels y,x that are clicked, the first selects")
    parser.add_argument(
        "--drawn",
        default="2,67,67,200 1,115,40,13 1,68,92,14 1,74,19,13 1,76,53,12 1,29,86,13 1,43,28,12",
        help="discs value,y,x,radius of labels drawn by hand",
    )
    parser.add_argument("--spacing", type=float, default=320, help="of points on the surface of the structure")
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
    slide(dock, viewer, camera)
    put_together(dock, viewer, camera, [tuple(map(int, place.split(","))) for place in arguments.clicks.split()])
    look_at_particles(dock, camera, arguments.spacing)
    compare(dock, viewer, camera)
    drawn = [tuple(map(int, place.split(","))) for place in arguments.drawn.split()]
    agree(dock, viewer, camera, drawn)
    see(dock, viewer, camera)
    exported = export(dock, folder, camera)
    (layer,) = viewer.open(exported, plugin="napari-hypseg")
    found = np.unique(np.asarray(layer.data))
    print(f"read back: {np.count_nonzero(found)} labels, scale {layer.scale}, units {layer.units}")
    camera.shoot("7-read-back")
    dock.workspace.shut_down()
    viewer.close()


if __name__ == "__main__":
    main()
