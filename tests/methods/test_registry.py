import logging
from types import SimpleNamespace

import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.methods import registry
from napari_hypseg.methods.registry import get_method, methods


def test_the_default_comes_first():
    assert next(iter(methods())) == "hyperbolic"


def test_an_unknown_method_is_answered_with_those_there_are():
    with pytest.raises(SettingError, match=r"'magic'.*hyperbolic, anatomical, euclidean, .*hyperspherical"):
        get_method("magic")


@pytest.mark.parametrize("name", ["latent_dim", "curvature", "triplet_margin"])
@pytest.mark.parametrize("value", [-1, float("nan"), 10_000])
def test_settings_out_of_bounds_are_named(name, value):
    with pytest.raises(SettingError, match=name):
        get_method("hyperbolic").settings.check({name: value})


def test_records_of_packages_are_read_once_and_again_where_others_can_be_imported(monkeypatch, tmp_path):
    read = []
    entry_points = registry.metadata.entry_points
    monkeypatch.setattr(
        registry.metadata, "entry_points", lambda group: read.append(group) or entry_points(group=group)
    )
    monkeypatch.syspath_prepend(str(tmp_path / "one"))
    assert methods() == methods()
    assert read == [registry.METHODS]
    monkeypatch.syspath_prepend(str(tmp_path / "two"))
    methods()
    assert read == [registry.METHODS] * 2


def test_a_broken_method_does_not_hide_the_others(monkeypatch, caplog):
    def broken():
        raise ImportError("no such library")

    there = list(registry.entry_points(registry.METHODS))
    monkeypatch.setattr(
        registry, "entry_points", lambda group: [*there, SimpleNamespace(load=broken, value="theirs:METHOD")]
    )
    with caplog.at_level(logging.ERROR):
        assert "hyperbolic" in methods()
    assert "theirs:METHOD" in caplog.text


@pytest.mark.parametrize(("method", "allowed"), [("hyperbolic", "riemannian-normal"), ("hyperspherical", "fisher")])
def test_an_unknown_posterior_is_answered_with_those_there_are(method, allowed):
    with pytest.raises(SettingError, match=f"posterior cannot be 'magic'.*{allowed}"):
        get_method(method).settings.check({"posterior": "magic"})


@pytest.mark.parametrize("curvature", [0, -1, float("nan"), float("inf"), "curved"])
def test_a_curvature_that_bends_nothing_is_refused(curvature):
    with pytest.raises(SettingError, match="curvature"):
        get_method("hyperbolic").settings.check({"curvature": curvature})
