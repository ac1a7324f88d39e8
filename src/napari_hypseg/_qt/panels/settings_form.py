"""All settings of a run as one form: the everyday ones in sight, the advanced ones folded away."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic.fields import FieldInfo
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QFormLayout, QVBoxLayout, QWidget

from napari_hypseg._qt.widgets.collapsible import Collapsible
from napari_hypseg._qt.widgets.config_form import Form, choice_box, extra
from napari_hypseg._qt.widgets.controls import set_tooltip
from napari_hypseg._qt.widgets.tab_order import tab_in_reading_order
from napari_hypseg.config_base import Config
from napari_hypseg.methods.registry import get_method, methods
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.supervoxels.settings import LeafSettings
from napari_hypseg.training.settings import TrainingSettings


def _is(advanced: bool, name: str, field: FieldInfo) -> bool:
    return bool(extra(field).get("advanced", False)) == advanced


class SettingsForm(QWidget):
    """Method, its own settings, those of learning and those of the leaves."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.method = choice_box(methods().values())
        self._usual: Mapping[str, Any] = TrainingSettings().model_dump()
        self._everyday, self._advanced = QVBoxLayout(), QVBoxLayout()
        folded = QWidget()
        folded.setLayout(self._advanced)
        rows = QWidget()
        form = QFormLayout(rows)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Method", self.method)
        self.method.setAccessibleName("Method")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(rows)
        layout.addLayout(self._everyday)
        layout.addWidget(Collapsible("Advanced settings", folded, expanded=False, prominent=False))
        self.forms: dict[str, list[Form]] = {
            "training": self._add_forms(TrainingSettings),
            "leaves": self._add_forms(LeafSettings),
        }
        self.method.currentIndexChanged.connect(self._show_method)
        self._show_method()

    def settings(self) -> RunSettings:
        """What the form says.

        Raises
        ------
        SettingError
            Naming the first setting that is not allowed.
        """
        values = {owner: _merged(forms) for owner, forms in self.forms.items()}
        method = get_method(self.method.currentData())
        values["model"] = method.settings.check(values["model"]).model_dump(mode="json")
        return RunSettings.check({"method": method.name, **values})

    @property
    def missing(self) -> str | None:
        """What has to be chosen first, None if all is there that the method cannot do without."""
        for form in self.forms["model"]:
            for name, reason in form.required.items():
                if not form.editors[name].get():
                    return reason
        return None

    @property
    def learning_seconds(self) -> float | None:
        """How long it will learn, None if its end is given in steps."""
        values = _merged(self.forms["training"])
        return None if values["steps"] is not None else 60 * float(values["minutes"])

    def show_settings(self, settings: RunSettings) -> None:
        """Show the settings of a project."""
        self.method.setCurrentIndex(max(0, self.method.findData(settings.method)))
        values = settings.model_dump(mode="json")
        for owner, forms in self.forms.items():
            for form in forms:
                form.set_values(values[owner])

    def name_device(self, text: str) -> None:
        """Say what ``auto`` stands for on this machine."""
        for form in self.forms["training"]:
            if (editor := form.editors.get("device")) and isinstance(editor.widget, QComboBox):
                editor.widget.setItemText(0, f"auto: {text}")

    def _show_method(self, *_: object) -> None:
        for form in self.forms.pop("model", []):
            form.deleteLater()
            form.setParent(None)
        method = get_method(self.method.currentData())
        set_tooltip(self.method, f"What learns to tell structures apart. {method.description}")
        self.forms["model"] = self._add_forms(method.settings)
        tab_in_reading_order(self)
        self._show_usual({**TrainingSettings().model_dump(), **method.training})
        self.changed.emit()

    def _show_usual(self, usual: Mapping[str, Any]) -> None:
        """Show the method's own settings of learning where those of the method before stand untouched."""
        before, self._usual = self._usual, usual
        for form in self.forms["training"]:
            shown = form.values()
            form.set_values({name: usual[name] for name in shown if shown[name] == before[name] != usual[name]})

    def _add_forms(self, kind: type[Config]) -> list[Form]:
        forms = []
        for column, advanced in ((self._everyday, False), (self._advanced, True)):
            form = Form(kind, partial(_is, advanced))
            form.setVisible(bool(form.editors))
            form.changed.connect(self.changed)
            column.addWidget(form)
            forms.append(form)
        return forms


def _merged(forms: list[Form]) -> dict[str, Any]:
    return {name: value for form in forms for name, value in form.values().items()}
