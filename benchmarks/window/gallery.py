"""What a step of scrolling through a gallery of 50 000 particles costs.

Prints a markdown table. Run it under a display:

    xvfb-run -a -s "-screen 0 1400x900x24" python -m benchmarks.window.gallery
"""

import statistics
import time

import numpy as np
from qtpy.QtGui import QPixmap
from qtpy.QtWidgets import QApplication

from napari_hypseg._qt.widgets.gallery_view import GalleryContent, GalleryView

PARTICLES = (500, 50_000)
SIZE = (960, 640)
STEPS, STEP = 60, 40
"""Of the scroll bar, and pixels of each."""


def milliseconds(view: GalleryView) -> list[float]:
    """Of each step, until it is drawn."""
    bar, found = view.verticalScrollBar(), list[float]()
    for number in range(STEPS):
        begin = time.perf_counter()
        bar.setValue((number + 1) * STEP % max(1, bar.maximum()))
        view.viewport().repaint()
        QApplication.processEvents()
        found.append(1000 * (time.perf_counter() - begin))
    return found


def gallery(application: QApplication, count: int) -> tuple[GalleryView, float]:
    """A gallery of that many particles, and the milliseconds that another order takes."""
    picture = QPixmap(64, 64)
    picture.fill()
    view = GalleryView(lambda particle: picture)
    view.resize(*SIZE)
    view.show()
    junk = np.random.default_rng(0).random(count) < 0.1
    order = np.arange(count)
    view.show_content(GalleryContent(order, junk, str, str))
    application.processEvents()
    begin = time.perf_counter()
    view.show_content(GalleryContent(order[::-1].copy(), junk, str, str))
    application.processEvents()
    return view, 1000 * (time.perf_counter() - begin)


def main() -> None:
    """Measure and print."""
    application = QApplication([])
    print("| particles | step of scrolling, ms | worst | another order, ms |")
    print("| ---: | ---: | ---: | ---: |")
    for count in PARTICLES:
        view, order = gallery(application, count)
        steps = milliseconds(view)
        print(f"| {count:,} | {statistics.median(steps):.1f} | {max(steps):.1f} | {order:.0f} |".replace(",", " "))
        view.close()


if __name__ == "__main__":
    main()
