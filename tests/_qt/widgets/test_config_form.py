from typing import Literal

import pytest
from pydantic import Field
from qtpy.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox

from napari_hypseg._qt.panels.settings_form import SettingsForm
from napari_hypseg._qt.widgets.config_form import Form
from napari_hypseg.config_base import Config
from napari_hypseg.errors import SettingError
from napari_hypseg.methods.base import Method
from napari_hypseg.project.run_settings import RunSettings


class Toy(Config):
    """One field of each kind."""

    rate: float = Field(0.0003, gt=0, le=1, title="Rate", description="How fast.", json_schema_extra={"unit": "Hz"})
    count: int = Field(3, ge=1, lt=10, title="Count", description="How many.")
    steps: int | None = Field(None, ge=1, title="Steps")
    loud: bool = Field(False, title="Loud", json_schema_extra={"advanced": True})
    edge: int = Field(1, ge=1, title="Edge", json_schema_extra={"unit": "voxels (shortest edge)"})
    kind: Literal["a", "b"] = Field("b", title="Kind")
    word: str = Field("x", title="Word")
    sizes: tuple[int, ...] = Field((1, 2), title="Sizes")


METHOD = Method("toy", "Toy method", "Only for play.", Toy, lambda *_: None)


@pytest.fixture
def form(qtbot):
    form = Form(Toy)
    qtbot.addWidget(form)
    return form


def test_each_kind_of_field_has_its_widget_and_default(form):
    kinds = {name: type(editor.widget) for name, editor in form.editors.items()}
    assert issubclass(kinds.pop("rate"), QDoubleSpinBox)
    numbers, words = dict.fromkeys(("count", "steps", "edge"), QSpinBox), dict.fromkeys(("word", "sizes"), QLineEdit)
    assert kinds == {**numbers, **words, "loud": QCheckBox, "kind": QComboBox}
    assert Toy.check(form.values()) == Toy()


def test_values_go_in_and_come_out(form):
    toy = Toy(rate=0.5, count=9, steps=40, loud=True, kind="a", word="two words", sizes=(3, 4, 5))
    form.set_values(toy.model_dump(mode="json"))
    assert Toy.check(form.values()) == toy


def test_bounds_units_titles_and_tooltips_come_from_the_field(form):
    rate, count = form.editors["rate"].widget, form.editors["count"].widget
    assert (count.minimum(), count.maximum()) == (1, 9)
    assert rate.maximum() == 1
    assert rate.text() == "0.0003 Hz"
    assert "How fast." in rate.toolTip()
    assert count.accessibleName() == "Count"


def test_a_unit_is_in_the_singular_behind_a_one(form):
    box = form.editors["edge"].widget
    assert box.text() == "1 voxel (shortest edge)"
    box.setValue(2)
    assert box.text() == "2 voxels (shortest edge)"
    box.setValue(1)
    assert box.text() == "1 voxel (shortest edge)"


def test_a_number_may_be_typed_in_any_notation(qtbot, form):
    rate = form.editors["rate"].widget
    rate.lineEdit().selectAll()
    qtbot.keyClicks(rate.lineEdit(), "2e-3")
    rate.interpretText()
    assert form.values()["rate"] == pytest.approx(0.002)
    rate.stepUp()
    assert form.values()["rate"] == pytest.approx(0.0022)


def test_an_optional_number_can_be_left_to_the_program(form):
    steps = form.editors["steps"]
    assert steps.widget.text() == "automatic"
    steps.widget.stepUp()
    assert steps.get() == 1


@pytest.fixture
def settings_form(qtbot, monkeypatch):
    from napari_hypseg.methods import registry

    there = registry.methods()
    monkeypatch.setattr(registry, "methods", lambda: {**there, "toy": METHOD})
    monkeypatch.setattr("napari_hypseg._qt.panels.settings_form.methods", lambda: {**there, "toy": METHOD})
    form = SettingsForm()
    qtbot.addWidget(form)
    return form


def test_a_method_that_anybody_registers_shows_up_with_its_settings(settings_form):
    settings_form.method.setCurrentIndex(settings_form.method.findData("toy"))
    everyday, advanced = settings_form.forms["model"]
    assert "kind" in everyday.editors
    assert list(advanced.editors) == ["loud"]
    everyday.editors["kind"].set("a")
    settings = settings_form.settings()
    assert settings.method == "toy"
    assert settings.model["kind"] == "a"
    assert "Only for play." in settings_form.method.toolTip()


def test_saved_settings_are_shown_again(settings_form):
    saved = RunSettings.check(
        {"training": {"minutes": 2.5, "seed": 4}, "leaves": {"leaves": 99}, "method": "hyperbolic"}
    )
    settings_form.show_settings(saved)
    again = settings_form.settings()
    assert (again.training, again.leaves) == (saved.training, saved.leaves)


def test_a_method_brings_its_settings_of_learning_where_none_was_set(settings_form):
    usual = settings_form.settings().training
    settings_form.forms["training"][1].editors["batch"].set(7)
    settings_form.method.setCurrentIndex(settings_form.method.findData("hsu2021"))
    training = settings_form.settings().training
    assert (training.batch, training.crop, training.learning_rate) == (7, 48, 5e-7)
    assert training.minutes == usual.minutes
    settings_form.method.setCurrentIndex(settings_form.method.findData("hyperbolic"))
    assert settings_form.settings().training == usual.model_copy(update={"batch": 7})


def test_what_is_not_allowed_is_named(settings_form):
    settings_form.method.setCurrentIndex(settings_form.method.findData("toy"))
    settings_form.forms["model"][0].editors["sizes"].widget.setText("many")
    with pytest.raises(SettingError, match="sizes"):
        settings_form.settings()


def test_a_file_setting_has_a_line_and_a_button(qtbot):
    from napari_hypseg.methods.anatomical import AnatomicalSettings

    form = Form(AnatomicalSettings)
    qtbot.addWidget(form)
    assert form.values()["prior"] == ""
    with qtbot.waitSignal(form.changed):
        form.set_values({"prior": "/data/brain.hypprior"})
    assert form.values()["prior"] == "/data/brain.hypprior"
    assert AnatomicalSettings.check(form.values()).prior == "/data/brain.hypprior"


def test_what_a_method_cannot_do_without_is_named(settings_form):
    assert settings_form.missing is None
    settings_form.method.setCurrentIndex(settings_form.method.findData("anatomical"))
    assert "prior" in settings_form.missing
    settings_form.forms["model"][0].editors["prior"].set("/data/brain.hypprior")
    assert settings_form.missing is None
