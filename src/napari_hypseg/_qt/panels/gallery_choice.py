"""Which particles a gallery shows, and in which order."""

import numpy as np
import numpy.typing as npt
from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QCheckBox, QComboBox

from napari_hypseg._qt.widgets.controls import set_tooltip
from napari_hypseg._qt.widgets.data_combo import fill
from napari_hypseg.particles.classes.gallery_order import ORDERS
from napari_hypseg.particles.classes.sorted_particles import SortedParticles
from napari_hypseg.particles.particle_set import ParticleSet

NUMBER, SIZE = "number", "size"
SORTED_ORDERS = {"class": "by class", "doubt": "by doubt", "content": "by content", "fit": "by fit"}
EVERY, CHOSEN = -1, -2
"""Data of the entries that show all particles, and those that were chosen alone."""
Rows = npt.NDArray[np.int64]


class GalleryChoice(QObject):
    """The controls, and what they choose.

    Signals
    -------
    changed
        Something else is to be shown.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._subset: Rows | None = None
        self.order, self.only, self.with_junk = QComboBox(), QComboBox(), QCheckBox("Show junk")
        self.with_junk.setChecked(True)
        self.only.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.order.setAccessibleName("Order of the gallery")
        self.only.setAccessibleName("Particles shown")
        set_tooltip(
            self.order,
            "What the pictures are put in order by: by size the largest first, by doubt the least certain pose first, "
            "by content what looks alike side by side, by fit what is explained worst first.",
        )
        set_tooltip(self.only, "Shows the particles of one class alone, or those that were chosen.")
        set_tooltip(self.with_junk, "Shows particles that were marked as junk, crossed out, among the others.")
        for signal in (self.order.currentIndexChanged, self.only.currentIndexChanged, self.with_junk.toggled):
            signal.connect(self.changed)

    def rows(self, everything: ParticleSet, found: SortedParticles | None, junk: npt.NDArray[np.bool_]) -> Rows:
        """The particles (m,) to show, by their places among all, in their order."""
        order: Rows = self._ordered(everything, found)
        only = self.only.currentData()
        if not self.with_junk.isChecked():
            order = order[~junk[order]]
        if only == CHOSEN and self._subset is not None:
            order = order[np.isin(order, self._subset)]
        elif found is not None and only is not None and only >= 0:
            order = order[found.ranks.classes[order] == only]
        return order

    def offer(self, everything: ParticleSet | None, found: SortedParticles | None) -> None:
        """Offer the orders and classes that there are; what was chosen stays chosen where it can."""
        names = {NUMBER: "by number"}
        if everything is not None and "diameter" in everything.scalars:
            names[SIZE] = "by size"
        if found is not None:
            names |= SORTED_ORDERS
        chosen = self.order.currentData()
        self.order.blockSignals(True)
        self.order.clear()
        for name, words in names.items():
            self.order.addItem(words, name)
        self.order.setCurrentIndex(max(0, self.order.findData(chosen)))
        self.order.blockSignals(False)
        numbers = np.zeros(0, np.int64) if found is None else np.unique(found.ranks.classes)
        entries = {EVERY: "all classes" if len(numbers) else "all"}
        if self._subset is not None:
            entries[CHOSEN] = f"{len(self._subset)} chosen"
        fill(self.only, entries | {int(n): f"class {n}" if n else "no class" for n in numbers})

    def show_order(self, name: str) -> None:
        """Choose an order."""
        self.order.setCurrentIndex(max(0, self.order.findData(name)))

    def show_only(self, particles: Rows | None, everything: ParticleSet, found: SortedParticles | None) -> None:
        """Show some particles alone, by their places among all; None shows all again."""
        self._subset = particles
        self.offer(everything, found)
        self.only.blockSignals(True)
        self.only.setCurrentIndex(self.only.findData(EVERY if particles is None else CHOSEN))
        self.only.blockSignals(False)
        self.changed.emit()

    def forget(self) -> None:
        """Other particles are there: nothing was chosen among them."""
        self._subset = None

    def _ordered(self, everything: ParticleSet, found: SortedParticles | None) -> Rows:
        chosen = self.order.currentData()
        if found is not None and chosen in ORDERS:
            return ORDERS[chosen](found.ranks)
        if chosen == SIZE and "diameter" in everything.scalars:
            return np.argsort(-everything.scalars["diameter"], kind="stable")
        return np.arange(len(everything))
