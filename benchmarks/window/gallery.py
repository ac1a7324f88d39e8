"""What the gallery of 50 000 particles costs: a step of scrolling, pictures, the chart of their content, and memory.

Prints two markdown tables. Run it under a display:

    xvfb-run -a -s "-screen 0 1400x900x24" python -m benchmarks.window.gallery
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from napari.components import ViewerModel
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from benchmarks.locate.resources import peak_memory
from napari_hypseg._qt.controllers.particle_pictures import ParticlePictures, PictureSource
from napari_hypseg._qt.panels.content_chart import ContentChart
from napari_hypseg._qt.widgets.chart_view import ChartView
from napari_hypseg._qt.widgets.gallery_view import GalleryContent, GalleryView
from napari_hypseg.particles.classes.gallery_order import ParticleRanks
from napari_hypseg.particles.classes.particle_content import ParticleContent
from napari_hypseg.particles.classes.sorted_particles import SortedParticles
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Specimen, Volume

PARTICLES = (500, 50_000)
SHAPE, EDGE = (100, 1000, 1000), 32
SIZE, CHART = (960, 640), (420, 420)
STEPS, STEP = 60, 40
"""Of the scroll bar, and pixels of each."""
LASSO_STEPS = 40
PATIENCE_S = 30


def milliseconds(act: Callable[[], object]) -> float:
    """How long `act` and the drawing that follows take."""
    begin = time.perf_counter()
    act()
    QApplication.processEvents()
    return 1000 * (time.perf_counter() - begin)


def wait(ready: Callable[[], bool]) -> None:
    """Let the window live until something is there."""
    end = time.perf_counter() + PATIENCE_S
    while not ready() and time.perf_counter() < end:
        QApplication.processEvents()
        time.sleep(0.005)
    if not ready():
        sys.exit("It takes longer than anybody would wait.")


def scrolled(view: GalleryView) -> list[float]:
    """Milliseconds of each step of scrolling, until it is drawn; pictures are read meanwhile."""
    bar = view.verticalScrollBar()

    def step(number: int) -> None:
        bar.setValue((number + 1) * STEP % max(1, bar.maximum()))
        view.viewport().repaint()

    return [milliseconds(partial(step, number)) for number in range(STEPS)]


def pictures_a_second(view: GalleryView, pictures: ParticlePictures, count: int) -> float:
    """Pictures of another part of the gallery, from the moment in which it comes into sight."""
    begin = time.perf_counter()
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    view.viewport().repaint()
    asked = pictures.n_waiting
    wait(lambda: not pictures.n_waiting)
    return asked / (time.perf_counter() - begin)


def gallery(folder: Path, count: int) -> str:
    """A row of the table about the gallery."""
    rng = np.random.default_rng(0)
    with (folder / f"{count}.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": SHAPE})
        for _ in range(SHAPE[0]):
            file.write(rng.normal(size=SHAPE[1:]).astype(np.float32).tobytes())
    grey = np.load(folder / f"{count}.npy", mmap_mode="r")
    volume = Volume((grey,), sources=(folder / f"{count}.npy",))
    project = Project.create(folder / str(count), [Specimen(volume)], RunSettings())
    places = rng.uniform(EDGE, np.array(SHAPE) - EDGE, (count, 3))
    particles = ParticleSet(TomogramGrid("noise", SHAPE), places)
    viewer = ViewerModel()
    view = GalleryView(lambda particle: pictures.picture(particle))
    pictures = ParticlePictures(viewer, view)
    pictures.changed.connect(view.redraw)
    pictures.show(PictureSource(project, 0, particles, EDGE))
    view.resize(*SIZE)
    view.show()
    junk, order = rng.random(count) < 0.1, np.arange(count)
    view.show_content(GalleryContent(order, junk, str, str))
    QApplication.processEvents()
    steps = scrolled(view)
    turned = milliseconds(lambda: view.show_content(GalleryContent(order[::-1].copy(), junk, str, str)))
    chosen = milliseconds(lambda: view.choose(np.flatnonzero(rng.random(count) < 0.3)))
    speed = pictures_a_second(view, pictures, count)
    view.close()
    pictures.stop()
    project.close()
    cells = f"{statistics.median(steps):.1f} | {max(steps):.1f} | {turned:.0f} | {chosen:.0f} | {speed:.0f}"
    return f"| {count:,} | {cells} |".replace(",", " ")


def chart(count: int) -> str:
    """A row of the table about the chart."""
    rng = np.random.default_rng(0)
    classes = rng.integers(1, 9, count)
    points = (rng.normal(size=(count, 2)) + 2 * np.stack([np.cos(classes), np.sin(classes)], 1)).astype(np.float32)
    ranks = ParticleRanks(np.arange(count), classes, np.zeros(count, np.float32), np.zeros(count, np.float32))
    made = ContentChart("dark", str)
    view = made.view
    made.resize(*CHART)
    found, junk = SortedParticles(ranks, content=ParticleContent(points)), np.zeros(count, dtype=bool)
    made.show_sorted(found, junk)
    wait(lambda: view._content is not None)
    milliseconds(view.repaint)
    made.show_selection(np.zeros(0, np.int64))
    first = milliseconds(view.repaint)
    corners = np.array(CHART) / 2 * (1 + 0.6 * np.exp(1j * np.linspace(0, 2 * np.pi, LASSO_STEPS))[:, None].view(float))
    path = [QPoint(int(x), int(y)) for x, y in corners]
    QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, path[0])
    lasso = [milliseconds(partial(_move, view, place)) for place in path[1:]]
    made.lassoed.connect(lambda particles, _: made.show_selection(particles))
    release = milliseconds(
        lambda: QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, path[-1])
    )
    hover = milliseconds(lambda: view._point_at(QPointF(200, 200)))
    view.lasso.setChecked(False)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, path[0])
    drag = [milliseconds(partial(_move, view, place)) for place in path[1:]]
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, path[-1])
    made.close()
    steps = f"{statistics.median(lasso):.1f} | {max(lasso):.1f} | {statistics.median(drag):.1f} | {max(drag):.1f}"
    return f"| {count:,} | {first:.0f} | {steps} | {release:.0f} | {hover:.1f} |".replace(",", " ")


def _move(view: ChartView, place: QPoint) -> None:
    QTest.mouseMove(view, place)
    QApplication.processEvents()


def main() -> None:
    """Measure and print."""
    application = QApplication([])
    print("| particles | step of scrolling, ms | worst | another order, ms | choose a third, ms | pictures a second |")
    print("|" + " ---: |" * 6)
    with tempfile.TemporaryDirectory() as folder:
        for count in PARTICLES:
            print(gallery(Path(folder), count), flush=True)
    print()
    print(
        "| points | all drawn, ms | step of the lasso, ms | worst | step of a drag, ms | worst | lasso closed, ms "
        "| hover, ms |"
    )
    print("|" + " ---: |" * 8)
    for count in PARTICLES:
        print(chart(count), flush=True)
    print(f"\nAt most {(peak_memory() or 0) / 2**30:.2f} GB of memory, pages of the tomogram that are mapped among it.")
    application.quit()


if __name__ == "__main__":
    main()
