"""Structures: what a person puts together by clicking, names, nests, locks, and takes back."""

from collections.abc import Callable
from functools import partial

from qtpy.QtCore import QPoint, Qt, Signal
from qtpy.QtGui import QAction, QColor, QShowEvent
from qtpy.QtWidgets import (
    QColorDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_hypseg._qt.controllers.divide import DivideController
from napari_hypseg._qt.controllers.piece_edits import PieceEdits
from napari_hypseg._qt.controllers.send_back import SendBackController
from napari_hypseg._qt.controllers.status_line import status_line
from napari_hypseg._qt.controllers.structures import StructureController
from napari_hypseg._qt.controllers.thumbnails import Thumbnails
from napari_hypseg._qt.layers.canvas_input import CanvasInput, Click
from napari_hypseg._qt.layers.layer_events import single_shot
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.panels.alike_strip import AlikeStrip
from napari_hypseg._qt.panels.history_list import HistoryList
from napari_hypseg._qt.panels.structure_search import StructureSearch
from napari_hypseg._qt.panels.structure_tree import NAME, StructureTree
from napari_hypseg._qt.style import theme_icon
from napari_hypseg._qt.widgets.controls import button, row, set_enabled, set_tooltip
from napari_hypseg._qt.widgets.popup import popup_button
from napari_hypseg._qt.widgets.short_number import short_number
from napari_hypseg.structures.structure import Structure

HINT = "Click a region in the picture; Shift+wheel or [ ] walk to larger regions and back; Enter makes it a structure."
ELSEWHERE = "To click in the picture, choose the layer “regions” in the list of layers."
PARTS = (2, 3, 4, 6, 8)
ALIKE_STEPS = 100


class StructuresPanel(QWidget):
    """List of structures, the field that names a new one, undo and redo.

    Signals
    -------
    keys_requested
        The person wants to see what keys and clicks do.
    send_requested
        The corrections of a structure, or for None all of them, are to be sent to the common project.
    """

    keys_requested = Signal()
    send_requested = Signal(object)

    def __init__(
        self,
        model: WindowModel,
        structures: StructureController,
        dividing: DivideController,
        pieces: PieceEdits,
        canvas: CanvasInput,
        thumbnails: Thumbnails,
        sending: SendBackController,
        theme: str,
    ) -> None:
        super().__init__()
        self._thumbnails, self._sending = thumbnails, sending
        self._model, self._structures, self._dividing, self._canvas = model, structures, dividing, canvas
        self._pieces = pieces
        self.tree = StructureTree(theme)
        self.search = StructureSearch(self.tree)
        self.strip = AlikeStrip(model, structures, thumbnails)
        self.line = QLabel(HINT)
        self.line.setWordWrap(True)
        self.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.name = QLineEdit()
        self.make = button("Make structure", "Makes what is selected a structure of this name (Enter).", self._make)
        self.add = button("Add", "Adds what is selected to the chosen structure (Enter).", self._add)
        self.alike = QSlider(Qt.Orientation.Horizontal)
        self.alike.setRange(0, ALIKE_STEPS)
        self.undo = self._tool("undo", structures.undo)
        self.redo = self._tool("redo", structures.redo)
        self.history = HistoryList(model, structures)
        self.edits = popup_button(
            "History",
            "All edits; a click goes back to any of them, or forth again.",
            self.history,
            self.history.refresh,
        )
        self.more = QToolButton()
        self.more.setText("More…")
        self.more.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        set_tooltip(self.more, "Everything that can be done with the chosen structure and region, and all keys.")
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.more.setMenu(self.menu)
        self._in_sight = single_shot(self, self._show_pictures)
        self._lay_out()
        self._connect()
        self.set_theme(theme)
        self.refresh()

    def refresh(self) -> None:
        """List the structures as they are now."""
        structures = self._model.structures
        annotation = structures.annotation if structures is not None else None
        sizes = {one: short_number(size) for one, size in structures.sizes.items()} if structures is not None else {}
        active = self._model.active
        self.tree.show_structures(annotation, sizes, active.id if active else None, self._model.locked is None)
        self.search.refresh()
        self._in_sight.start()
        self._update()

    def set_theme(self, theme: str) -> None:
        """Draw icons so that they are seen in napari's theme."""
        self.tree.set_theme(theme)
        self.undo.setIcon(theme_icon("left_arrow", theme))
        self.redo.setIcon(theme_icon("right_arrow", theme))
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw thumbnails of what comes into sight."""
        super().showEvent(event)
        self._in_sight.start()

    def _show_pictures(self) -> None:
        """Show thumbnails in the rows in sight, as far as they are there, and ask for the others."""
        annotation = self._model.annotation
        for one in self.tree.in_sight if annotation is not None and self.isVisible() else ():
            if annotation is not None and one in annotation.structures:
                structure = annotation.structure(one)
                picture = self._thumbnails.picture(annotation.leaves(one), structure.colour)
                if picture is not None:
                    self.tree.show_picture(structure, picture)

    def _lay_out(self) -> None:
        set_tooltip(self.name, "What the structure will be called: shell, lumen, membrane …")
        self.alike.setAccessibleName("More like this")
        set_tooltip(
            self.alike,
            "Stripes what looks most like the selection, further right more of it; Enter adds it, Escape lets it go.",
        )
        self.name.setAccessibleName("Name of the new structure")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line)
        layout.addWidget(row(self.name, self.make, self.add))
        layout.addWidget(row(QLabel("More like this"), self.alike))
        layout.addWidget(self.strip)
        layout.addWidget(self.search)
        layout.addWidget(self.tree)
        layout.addWidget(row(self.undo, self.redo, self.edits, self.more))

    def _connect(self) -> None:
        model, structures, canvas = self._model, self._structures, self._canvas
        for changed in (model.project_changed, model.structures_changed):
            changed.connect(self.refresh)
        model.project_changing.connect(self.tree.forget_pictures)
        model.selection_changed.connect(self._follow_selection)
        model.suggestion_changed.connect(self._follow_suggestion)
        self.alike.valueChanged.connect(self._telling(self._suggest))
        self.tree.chosen.connect(self._telling(structures.activate))
        self.tree.renamed.connect(self._telling(structures.rename, again=True))
        self.tree.show_toggled.connect(self._telling(self._toggle_shown))
        self.tree.lock_toggled.connect(self._telling(self._toggle_lock))
        self.tree.moved.connect(self._telling(structures.move))
        self.tree.customContextMenuRequested.connect(self._pop_up)
        self.tree.remove_requested.connect(self._telling(self._remove))
        self.tree.undo_requested.connect(self._telling(structures.undo))
        self.tree.redo_requested.connect(self._telling(structures.redo))
        self.tree.escaped.connect(self._telling(self._escape))
        self.tree.verticalScrollBar().valueChanged.connect(lambda _: self._in_sight.start())
        self._thumbnails.changed.connect(self._in_sight.start)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.name.returnPressed.connect(self._make)
        canvas.ready_changed.connect(self._update)
        canvas.clicked.connect(self._telling(structures.click))
        canvas.walked.connect(self._telling(structures.walk))
        canvas.stroked.connect(self._telling(structures.paint))
        canvas.pressed.connect(self._telling(self._press))
        canvas.pointed.connect(self._telling(self._point))

    def _press(self, key: str) -> None:
        actions: dict[str, Callable[[], None]] = {
            "Enter": self._structures.accept,
            "Escape": self._clear,
            "D": self._dividing.divide,
            "O": self._structures.open_here,
            "C": self._structures.close_here,
            "Control-Z": self._structures.undo,
            "Control-Shift-Z": self._structures.redo,
            "Delete": self._remove_active,
        }
        actions[key]()

    def _point(self, key: str, click: Click) -> None:
        actions: dict[str, Callable[[Click], None]] = {"F": self._dividing.cut_free, "G": self._pieces.toggle}
        if key in actions:
            actions[key](click)
        else:
            self._dividing.mark(key, click)

    def _clear(self) -> None:
        self._dividing.clear()
        self._structures.clear()

    def _make(self) -> None:
        with reporting_errors():
            self._structures.accept(self.name.text().strip() or self._free_name())
            self.name.clear()

    def _add(self) -> None:
        with reporting_errors():
            self._structures.accept()

    def _free_name(self) -> str:
        annotation = self._model.annotation
        return "" if annotation is None else annotation.free_name(f"structure {annotation.next_id}")

    def _toggle_shown(self, structure: int) -> None:
        self._structures.show(structure, not self._structure(structure).visible)

    def _toggle_lock(self, structure: int) -> None:
        self._structures.lock(structure, not self._structure(structure).locked)

    def _structure(self, structure: int) -> Structure:
        annotation = self._model.annotation
        assert annotation is not None
        return annotation.structure(structure)

    def _remove_active(self) -> None:
        if self._model.active is not None:
            self._structures.remove(self._model.active.id)

    def _remove(self, structure: int) -> None:
        """Remove a structure and go to the next one in the list, so that the arrow keys go on from there."""
        near = self.tree.neighbour(structure)
        self._structures.remove(structure)
        self._structures.activate(near)

    def _escape(self) -> None:
        """What was begun last ends first: a search, then the selection."""
        if not self.search.clear():
            self._clear()

    def _follow_selection(self) -> None:
        active = self._model.active
        self.tree.select(active.id if active is not None else None)
        self._update()

    def _suggest(self, step: int) -> None:
        self._structures.suggest(step / ALIKE_STEPS)

    def _follow_suggestion(self) -> None:
        if self._model.suggestion is None:
            self.alike.blockSignals(True)
            self.alike.setValue(0)
            self.alike.blockSignals(False)
        self._update()

    def _update(self) -> None:
        """Say what is selected, and switch on what can be done with it."""
        model, structures = self._model, self._model.structures
        reason = "there are no regions yet: train first." if structures is None else model.locked
        any_chosen = model.selection is not None or model.suggestion is not None
        chosen = None if any_chosen else "nothing is selected; click a region in the picture."
        hint = HINT if self._canvas.ready or structures is None else ELSEWHERE
        self.line.setText(status_line(model) or hint)
        self.name.setPlaceholderText(self._free_name())
        set_enabled(self.name, reason)
        set_enabled(self.make, reason or chosen)
        nowhere = None if model.active is not None else "no structure is chosen in the list."
        set_enabled(self.add, reason or chosen or nowhere)
        set_enabled(self.more, reason)
        anything = None if model.chosen_leaves is not None else "nothing is selected; click a region in the picture."
        set_enabled(self.alike, reason or anything)
        self.tree.setEnabled(structures is not None)
        none = None if structures is not None and (structures.steps or structures.undone) else "nothing was edited yet."
        set_enabled(self.edits, reason or none)
        for tool, word, text in (
            (self.undo, "Undo", structures.undo_text if structures is not None else None),
            (self.redo, "Redo", structures.redo_text if structures is not None else None),
        ):
            set_tooltip(tool, f"{word}: {text}" if text else f"{word} an edit of structures.")
            set_enabled(tool, reason or (None if text else f"there is nothing to {word.lower()}."))

    def _pop_up(self, place: QPoint) -> None:
        item = self.tree.itemAt(place)
        if item is not None:
            self.tree.setCurrentItem(item)
            with reporting_errors():
                self._structures.activate(item.data(NAME, Qt.ItemDataRole.UserRole))
        self.menu.popup(self.tree.viewport().mapToGlobal(place))

    def _fill_menu(self) -> None:
        """Offer what can be done with what is chosen now."""
        self.menu.clear()
        active, annotation = self._model.active, self._model.annotation
        if active is not None and annotation is not None:
            one = active.id
            self._offer("Rename", self.tree.edit_current)
            self._offer("Colour…", partial(self._recolour, active))
            self._offer("Show" if not active.visible else "Hide", partial(self._toggle_shown, one))
            self._offer("Unlock" if active.locked else "Lock", partial(self._toggle_lock, one))
            split = self.menu.addMenu("Split along the tree")
            for parts in PARTS:
                self._offer(f"into {parts}", partial(self._structures.split, one, parts), split)
            others = [other for other in annotation.structures.values() if other.id != one]
            merge, inside = self.menu.addMenu("Merge into"), self.menu.addMenu("Put inside")
            merge.setEnabled(bool(others))
            for other in others:
                self._offer(other.name, partial(self._structures.merge, one, other.id), merge)
                if other.id != active.parent and not annotation.is_inside(other.id, one):
                    self._offer(other.name, partial(self._structures.move, one, other.id), inside)
            if active.parent is not None:
                self._offer("(on its own)", partial(self._structures.move, one, None), inside)
            self._offer("Remove", partial(self._structures.remove, one))
            self.menu.addSeparator()
        self._offer("Divide what is marked with A and B (D)", self._dividing.divide)
        self._offer("Open region here (O)", self._structures.open_here).setEnabled(self._model.selection is not None)
        self._offer("Close region here (C)", self._structures.close_here).setEnabled(self._model.selection is not None)
        self._offer("All regions as the slider has them", self._structures.reset_regions)
        self._offer_sending(active)
        self.menu.addSeparator()
        self._offer("Keys and clicks…", self.keys_requested.emit)

    def _offer_sending(self, active: Structure | None) -> None:
        """Offer to send corrections back where the project at hand was made by applying another one."""
        with reporting_errors():
            target = self._sending.target
            if target is None:
                return
            self.menu.addSeparator()
            offers: dict[str, Structure | None] = {f"Send all corrections to {target}…": None}
            if active is not None:
                offers = {f"Send corrections of {active.name} to {target}…": active, **offers}
            for text, structure in offers.items():
                reason = self._sending.reason(structure)
                action = self._offer(text, partial(self.send_requested.emit, structure))
                action.setEnabled(reason is None)
                action.setToolTip(f"Not now: {reason}" if reason else "What was corrected here holds for all volumes.")

    def _offer(self, text: str, act: Callable[[], object], menu: QMenu | None = None) -> QAction:
        action: QAction = (menu or self.menu).addAction(text)
        action.triggered.connect(self._telling(lambda: act()))
        return action

    def _recolour(self, one: Structure) -> None:
        colour = QColorDialog.getColor(QColor.fromRgbF(*one.colour), self, f"Colour of {one.name}")
        if colour.isValid():
            red, green, blue = (round(part(), 3) for part in (colour.redF, colour.greenF, colour.blueF))
            self._structures.recolour(one.id, (red, green, blue))

    def _tool(self, name: str, act: Callable[[], object]) -> QToolButton:
        made = QToolButton()
        made.setText(name.title())
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        made.clicked.connect(self._telling(lambda: act()))
        return made

    def _telling(self, act: Callable[..., object], again: bool = False) -> Callable[..., None]:
        """A slot that tells what goes wrong; `again` lists the structures anew then."""

        def slot(*values: object) -> None:
            with reporting_errors():
                try:
                    act(*values)
                except Exception:
                    if again:
                        self.refresh()
                    raise

        return slot
