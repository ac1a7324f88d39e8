"""Drives a run with an anatomical prior in a real window and takes the picture of `docs/prior.md`.

    xvfb-run -a -s "-screen 0 2000x1200x24" python docs/prior_journey.py VOLUME PRIOR [--out docs/images]

Chooses the method and the file, learns, looks at the structures, corrects one with a click and takes that back, and
exports.
"""

import argparse
import tempfile
import time
from pathlib import Path

import napari
from journey import SHIFT, Camera, Hand, set_minutes, wait


def choose(dock, prior):
    """The method and the file of the prior; without that Train waits."""
    form = dock.learn.form
    form.method.setCurrentIndex(form.method.findData("anatomical"))
    wait(0.5)
    assert not dock.learn.train.isEnabled()
    next(each for each in form.forms["model"] if "prior" in each.editors).editors["prior"].set(str(prior))
    wait(0.5)


def learn(dock):
    """Press Train and wait for the structures."""
    begin = time.perf_counter()
    dock.learn.train.click()
    wait(1, lambda: dock.activity.kind is None and dock.model.annotation.structures)
    structures = dock.model.annotation.structures
    print(f"{len(structures)} structures {time.perf_counter() - begin:.0f} s after pressing Train")


def correct(dock, viewer, name, place):
    """Give a structure what lies at a place, and take that back."""
    (layer,) = dock.workspace.view.regions()
    viewer.layers.selection.active = layer
    dock.workspace.structures.activate(
        next(number for number, one in dock.model.annotation.structures.items() if one.name == name)
    )
    Hand(viewer).click(layer, place, SHIFT)
    print(f"{dock.model.structures.undo_text}; {dock.structures.line.text()}")
    dock.workspace.structures.undo()
    dock.workspace.structures.activate(None)
    wait(0.5)


def export(dock, path):
    """All structures as one file."""
    dock.explore.export.click()
    wait(0.5)
    form = dock.dialog.format
    form.setCurrentIndex(next(row for row in range(form.count()) if path.suffixes[0] in form.itemText(row)))
    dock.dialog.path.setText(str(path))
    dock.dialog.write.click()
    wait(1, lambda: dock.activity.kind is None)
    print(f"{path.name}: {path.stat().st_size} bytes, dialog {dock.dialog.width()} pixels wide")
    dock.dialog.reject()


def main():
    """Go through it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("volume", type=Path)
    parser.add_argument("prior", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("--minutes", type=float, default=0.3)
    parser.add_argument("--theme", default="dark", choices=["dark", "light"])
    parser.add_argument("--prefix", default="")
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--structure", default="Left-Putamen", help="the one that is corrected")
    parser.add_argument("--click", default="70,95", help="voxel y,x that it is given")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    viewer = napari.Viewer()
    viewer.theme = arguments.theme
    viewer.window.resize(*map(int, arguments.size.split("x")))
    camera = Camera(viewer, arguments.out, arguments.prefix)
    viewer.open(arguments.volume, plugin="napari-hypseg")
    _, dock = viewer.window.add_plugin_dock_widget("napari-hypseg")
    dock.specimens.set_project_folder(folder / "prior.hypseg")
    set_minutes(dock, arguments.minutes)
    wait(3)
    choose(dock, arguments.prior)
    learn(dock)
    wait(2)
    camera.shoot("19-anatomical-prior")
    correct(dock, viewer, arguments.structure, tuple(map(int, arguments.click.split(","))))
    export(dock, folder / f"structures{''.join(arguments.volume.suffixes)}")
    dock.workspace.shut_down()
    viewer.close()


if __name__ == "__main__":
    main()
