"""Widgets made from a `Config`'s fields, so that a setting or a method added anywhere shows up here by itself."""

import json
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Literal, Union, get_args, get_origin

from magicgui.types import FileDialogMode
from magicgui.widgets import FileEdit, create_widget
from pydantic.fields import FieldInfo
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QLabel, QLineEdit, QSpinBox, QWidget

from napari_hypseg._qt.widgets.controls import set_tooltip
from napari_hypseg._qt.widgets.scrolling import pass_wheel_to_parent
from napari_hypseg._qt.widgets.spin_boxes import FloatSpinBox
from napari_hypseg.config_base import Config

NARROW = 60
LARGEST_INT = 2**31 - 1
LARGEST_FLOAT = 1e12


@dataclass(frozen=True)
class Editor:
    """A widget with the way into and out of it."""

    widget: QWidget
    get: Callable[[], Any]
    set: Callable[[Any], None]
    changed: Any


def editor_for(field: FieldInfo) -> Editor:
    """The editor that fits a field's annotation and bounds."""
    annotation = field.annotation
    options = get_args(annotation)
    optional = get_origin(annotation) in (Union, types.UnionType) and type(None) in options
    if optional:
        kinds = [option for option in options if option is not type(None)]
        return _text(none=True) if len(kinds) != 1 else _optional(field, kinds[0])
    return _plain(field, annotation)


def _plain(field: FieldInfo, annotation: Any) -> Editor:
    if pattern := extra(field).get("file"):
        return _file(str(pattern))
    if get_origin(annotation) is Literal or (isinstance(annotation, type) and issubclass(annotation, Enum)):
        return _made(annotation)
    makers: dict[Any, Callable[[], Editor]] = {
        bool: lambda: _made(bool),
        int: lambda: _whole(field),
        float: lambda: _real(field),
        str: lambda: _text(plain=True),
    }
    return makers.get(annotation, _text)()


def _made(annotation: Any) -> Editor:
    """The widget magicgui has for a type; its numbers know neither "automatic" nor a unit, so those are made below."""
    widget: Any = create_widget(annotation=annotation)
    return Editor(widget.native, widget.get_value, lambda value: setattr(widget, "value", value), widget.changed)


def _whole(field: FieldInfo) -> Editor:
    box = QSpinBox()
    low, high = bounds(field)
    box.setRange(int(max(low, -LARGEST_INT)), int(min(high, LARGEST_INT)))
    return Editor(box, box.value, box.setValue, box.valueChanged)


def _real(field: FieldInfo) -> Editor:
    box = FloatSpinBox()
    box.setRange(*bounds(field))
    return Editor(box, box.value, box.setValue, box.valueChanged)


def _optional(field: FieldInfo, kind: Any) -> Editor:
    """A number that may be left to the program: its lowest position says so."""
    if kind not in (int, float):
        return _text(none=True)
    inner = _plain(field, kind)
    box: Any = inner.widget
    empty = box.minimum() - 1
    box.setMinimum(empty)
    box.setSpecialValueText("automatic")
    return Editor(
        box,
        lambda: None if box.value() == empty else box.value(),
        lambda value: box.setValue(empty if value is None else value),
        box.valueChanged,
    )


def _text(*, none: bool = False, plain: bool = False) -> Editor:
    """A line of text: as it is for words, as JSON for lists and the like."""
    line = QLineEdit()

    def get() -> Any:
        text = line.text().strip()
        if plain or not text:
            return None if none and not text else text
        try:
            return json.loads(text)
        except ValueError:
            return text

    def put(value: Any) -> None:
        line.setText("" if value is None else str(value) if plain else json.dumps(value))

    return Editor(line, get, put, line.textChanged)


def choice_box(records: Iterable[Any]) -> QComboBox:
    """A choice among records with name, title and description, of which the person reads the latter two."""
    box = QComboBox()
    for record in records:
        box.addItem(record.title, record.name)
        box.setItemData(box.count() - 1, record.description, Qt.ItemDataRole.ToolTipRole)
    return box


def _file(pattern: str) -> Editor:
    """A path with a button to look for it; empty for none."""
    edit = FileEdit(mode=FileDialogMode.EXISTING_FILE, filter=pattern)
    line = edit.line_edit
    return Editor(edit.native, lambda: line.value.strip(), lambda value: setattr(line, "value", value), line.changed)


def _picking(box: QComboBox) -> Editor:
    return Editor(
        box, box.currentData, lambda name: box.setCurrentIndex(max(0, box.findData(name))), box.currentIndexChanged
    )


def bounds(field: FieldInfo) -> tuple[float, float]:
    """Lowest and highest value that a field's metadata allow."""
    low, high = -LARGEST_FLOAT, LARGEST_FLOAT
    smallest = 1 if field.annotation is int else 0
    for rule in field.metadata:
        if (floor := getattr(rule, "ge", None)) is not None:
            low = floor
        if (floor := getattr(rule, "gt", None)) is not None:
            low = floor + smallest
        if (ceiling := getattr(rule, "le", None)) is not None:
            high = ceiling
        if (ceiling := getattr(rule, "lt", None)) is not None:
            high = ceiling - smallest
    return low, high


def extra(field: FieldInfo) -> Mapping[str, Any]:
    """What a field says beyond pydantic: its ``unit``, whether it is ``advanced``, why it is ``required``."""
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


def _follow_unit(box: QSpinBox | QDoubleSpinBox, unit: str) -> None:
    """Write the unit behind a number, in the singular behind a one."""
    first, *rest = unit.split(" ", 1)
    one = " ".join([first.removesuffix("s"), *rest])

    def show(value: float) -> None:
        box.setSuffix(f" {one if value == 1 else unit}")

    box.valueChanged.connect(show)
    show(box.value())


class Form(QWidget):
    """One row for each field of `kind` that `wanted` lets through; a field in `pickers` is edited by that.

    `required` holds, by name, why nothing can be done while a field is empty, of those that say so.
    """

    changed = Signal()

    def __init__(
        self,
        kind: type[Config],
        wanted: Callable[[str, FieldInfo], bool] = lambda *_: True,
        pickers: Mapping[str, QComboBox] = MappingProxyType({}),
    ) -> None:
        super().__init__()
        self.editors: dict[str, Editor] = {}
        self.required: dict[str, str] = {}
        self._pickers = pickers
        self._rows = QFormLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, field in kind.model_fields.items():
            if wanted(name, field):
                self._add(name, field)
        pass_wheel_to_parent(self)

    def values(self) -> dict[str, Any]:
        """What the widgets show, not yet checked."""
        return {name: editor.get() for name, editor in self.editors.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show `values`; names without a row are passed over."""
        for name, editor in self.editors.items():
            if name in values:
                editor.set(values[name])

    def _add(self, name: str, field: FieldInfo) -> None:
        editor = _picking(self._pickers[name]) if name in self._pickers else editor_for(field)
        unit = str(extra(field).get("unit", ""))
        if unit and isinstance(editor.widget, QSpinBox | QDoubleSpinBox):
            _follow_unit(editor.widget, unit)
        title = field.title or name.replace("_", " ")
        editor.widget.setAccessibleName(title)
        editor.widget.setMinimumWidth(NARROW)
        label = QLabel(title)
        label.setBuddy(editor.widget)
        for widget in (label, editor.widget):
            set_tooltip(widget, field.description or title)
        editor.set(field.get_default(call_default_factory=True))
        editor.changed.connect(lambda *_: self.changed.emit())
        self.editors[name] = editor
        if reason := extra(field).get("required"):
            self.required[name] = str(reason)
        self._rows.addRow(label, editor.widget)
