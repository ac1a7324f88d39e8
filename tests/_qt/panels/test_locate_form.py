import subprocess
import sys
from types import SimpleNamespace

import pytest
from pydantic import Field

from napari_hypseg._qt.panels.locate_form import LocateForm
from napari_hypseg.config_base import Config
from napari_hypseg.methods import registry
from napari_hypseg.methods.localizers.base import Localizer
from napari_hypseg.pipeline.locate_settings import LocateSettings


class Toy(Config):
    """One setting of its own."""

    boldness: float = Field(0.5, ge=0, le=1, title="Boldness", description="How bold it is.")


@pytest.fixture
def form(qtbot, monkeypatch):
    """The form where somebody has installed a localizer of their own."""
    toy, real = Localizer("toy", "Toy localizer", "Only for play.", Toy, lambda *_: None), registry.entry_points
    entry = SimpleNamespace(load=lambda: toy, value="theirs:LOCALIZER")
    monkeypatch.setattr(
        registry, "entry_points", lambda group: [*real(group), *([entry] * (group == registry.LOCALIZERS))]
    )
    form = LocateForm()
    qtbot.addWidget(form)
    return form


def test_untouched_it_says_the_defaults(form):
    checked = LocateSettings.check(form.values())
    own = registry.get_localizer(checked.method).settings
    assert checked == LocateSettings(model=own().model_dump(mode="json"))


def test_any_localizer_that_is_installed_can_be_picked(form):
    names = [form.method.itemData(row) for row in range(form.method.count())]
    assert names == ["vote", "rotation", "sorting", "toy"]
    form.method.setCurrentIndex(names.index("toy"))
    form.own.editors["boldness"].set(0.75)
    assert form.method.currentText() == "Toy localizer"
    assert "Only for play." in form.method.toolTip()
    assert LocateSettings.check(form.values()).model == {"boldness": 0.75}
    form.method.setCurrentIndex(names.index("sorting"))
    assert set(form.own.editors) == set(registry.get_localizer("sorting").settings.model_fields)
    assert "boldness" not in form.values()["model"]


def test_making_it_does_not_load_torch():
    code = "import sys, napari_hypseg._qt.panels.locate_form; raise SystemExit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
