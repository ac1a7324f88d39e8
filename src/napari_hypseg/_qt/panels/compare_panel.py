"""Two levels under a curtain: what is behind it, its own slider, and where the line runs."""

from dataclasses import replace

from qtpy.QtCore import Qt
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QSizePolicy, QSlider, QSpinBox, QWidget

from napari_hypseg._qt.controllers.compare import NOTHING, CompareController
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.widgets.controls import set_enabled, set_tooltip

FEWEST, SLIDER_END = 2, 64
STEPS = 1000
UPRIGHT = ("left and right", "above and below")


class ComparePanel(QWidget):
    """Choices; the line is dragged in the picture as well."""

    def __init__(self, model: WindowModel, compare: CompareController) -> None:
        super().__init__()
        self._model, self._compare = model, compare
        self.what, self.sides = QComboBox(), QComboBox()
        self.slider, self.number = QSlider(Qt.Orientation.Horizontal), QSpinBox()
        self.place = QSlider(Qt.Orientation.Horizontal)
        self.place.setRange(0, STEPS)
        self.sides.addItems(UPRIGHT)
        self._set_tooltips()
        self._lay_out()
        self.what.activated.connect(self._choose)
        self.slider.valueChanged.connect(self._set_regions)
        self.number.valueChanged.connect(self._set_regions)
        self.sides.currentIndexChanged.connect(self._turn)
        self.place.valueChanged.connect(self._place)
        compare.changed.connect(self.refresh)
        compare.curtain.moved.connect(self._show_line)
        model.project_changed.connect(self.refresh)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has changed unseen."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Show what is compared, offer what can be, and say why the rest is off."""
        if not self.isVisible():
            return
        options = self._compare.options()
        if [(self.what.itemData(n), self.what.itemText(n)) for n in range(self.what.count())] != [
            (option.key, option.text) for option in options
        ]:
            self.what.clear()
            for option in options:
                self.what.addItem(option.text, option.key)
        self.what.setCurrentIndex(max(0, self.what.findData(self._compare.key)))
        n_regions, regions = self._compare.n_regions, self._compare.comparison.regions
        if n_regions is not None and regions is not None:
            for control, end in ((self.slider, SLIDER_END), (self.number, regions.tree.n_leaves)):
                control.blockSignals(True)
                control.setRange(FEWEST, min(end, regions.tree.n_leaves))
                control.setValue(n_regions)
                control.blockSignals(False)
        self._show_line()
        nothing = "there are no regions yet: train first." if self._model.tree is None else None
        closed = None if self._compare.key != NOTHING else "choose first what to see behind the curtain."
        fixed = None if n_regions is not None else "what is behind the curtain has no slider."
        set_enabled(self.what, nothing)
        for box in (self.sides, self.place):
            set_enabled(box, nothing or closed)
        for slider in (self.slider, self.number):
            set_enabled(slider, nothing or closed or fixed)

    def _choose(self, *_: object) -> None:
        with reporting_errors():
            self._compare.choose(self.what.currentData())
        self.refresh()

    def _set_regions(self, n_regions: int) -> None:
        for control in (self.slider, self.number):
            control.blockSignals(True)
            control.setValue(n_regions)
            control.blockSignals(False)
        with reporting_errors():
            self._compare.set_regions(n_regions)

    def _turn(self, index: int) -> None:
        curtain = self._compare.curtain
        curtain.place(replace(curtain.line, upright=index == 0))

    def _place(self, step: int) -> None:
        curtain = self._compare.curtain
        curtain.place(replace(curtain.line, fraction=step / STEPS))

    def _show_line(self) -> None:
        """Stand where the line was dragged to."""
        self.place.blockSignals(True)
        self.place.setValue(round(STEPS * self._compare.curtain.line.fraction))
        self.place.blockSignals(False)

    def _set_tooltips(self) -> None:
        for title, control in self._rows().items():
            control.setAccessibleName(title)
        self.number.setAccessibleName("Regions behind the curtain, number")
        set_tooltip(
            self.what,
            "What is seen on the other side of a line across the picture: other regions of the same volume with a "
            "slider of their own, a copy of what is shown now, a kept level, other labels, or the volume alone.",
        )
        set_tooltip(self.slider, "How many regions are behind the curtain; the other side stays as it is.")
        set_tooltip(self.number, "Shows exactly this many regions behind the curtain.")
        set_tooltip(self.sides, "Whether the line runs from top to bottom or from left to right.")
        set_tooltip(self.place, "Moves the line across the picture; it can be dragged there, too.")

    def _rows(self) -> dict[str, QWidget]:
        return {"Behind": self.what, "Regions": self.slider, "Sides": self.sides, "Line": self.place}

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(6, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for title, control in self._rows().items():
            if control is self.slider:
                both = QHBoxLayout()
                both.addWidget(self.slider, 1)
                both.addWidget(self.number)
                form.addRow(title, both)
            else:
                control.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
                form.addRow(title, control)
