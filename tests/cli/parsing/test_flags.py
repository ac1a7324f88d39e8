"""Flags come from the fields of settings: a field that is added is a flag, with its bounds and default in the help."""

import argparse
from typing import Literal

import pytest
from pydantic import Field

from napari_hypseg.cli.parsing.flags import add_settings, describe, fields, given
from napari_hypseg.config_base import Config
from napari_hypseg.errors import SettingError


class Sample(Config):
    """Settings of every kind."""

    minutes: float = Field(1.0, gt=0, le=600, title="Time", description="How long.", json_schema_extra={"unit": "min"})
    latent_dim: int = Field(8, ge=2, le=64, title="Size", description="How wide, in 100% of cases.")
    steps: int | None = Field(None, ge=1, title="Steps", description="How many.", json_schema_extra={"advanced": True})
    device: Literal["auto", "cpu"] = Field("auto", title="Device", description="Where.")
    mixed: bool = Field(True, title="Mixed", description="Shorter numbers.")
    scales: tuple[int, ...] = Field((1, 2), title="Scales", description="Several.")
    weights: str = Field("", title="Weights", description="From where.", json_schema_extra={"file": "*.bin"})


@pytest.fixture
def parser():
    parser = argparse.ArgumentParser()
    add_settings(parser.add_argument_group("settings"), "sample", Sample)
    return parser


def read(parser, text):
    return Sample.check(given(parser.parse_args(text.split()), "sample"))


def test_what_is_not_named_keeps_its_default(parser):
    assert given(parser.parse_args([]), "sample") == {}
    assert read(parser, "") == Sample()


def test_values_arrive_in_their_types(parser):
    settings = read(parser, "--minutes 0.5 --latent-dim 3 --steps 7 --device cpu --no-mixed --scales [1,2,4]")
    assert settings == Sample(minutes=0.5, latent_dim=3, steps=7, device="cpu", mixed=False, scales=(1, 2, 4))


@pytest.mark.parametrize("text", ["--minutes long", "--minutes 0", "--latent-dim 65", "--steps 1.5", "--minutes nan"])
def test_a_value_outside_its_bounds_names_the_setting(parser, text):
    with pytest.raises(SettingError, match=text.split()[0][2:].replace("-", "_")):
        read(parser, text)


def test_help_has_description_unit_bounds_and_default(parser):
    text = " ".join(parser.format_help().split())
    assert "How long. [more than 0 and at most 600 min, default 1]" in text
    assert "How wide, in 100% of cases. [at least 2 and at most 64, default 8]" in text
    assert "{auto,cpu}" in text
    assert "--no-mixed" in text
    assert "How many. [at least 1]" in text
    assert "--weights FILE From where." in text
    assert "[default ]" not in text


def test_advanced_fields_can_be_kept_apart():
    parser = argparse.ArgumentParser()
    add_settings(parser.add_argument_group("plain"), "sample", Sample, advanced=False)
    assert "--steps" not in parser.format_help()
    add_settings(parser.add_argument_group("advanced"), "sample", Sample, advanced=True)
    assert "--steps" in parser.format_help()


def test_a_name_that_is_taken_gets_its_owner_in_front():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device")
    add_settings(parser.add_argument_group("settings"), "sample", Sample)
    arguments = parser.parse_args(["--device", "mine", "--sample-device", "cpu"])
    assert arguments.device == "mine"
    assert given(arguments, "sample") == {"device": "cpu"}


def test_a_bound_nobody_reaches_is_not_said():
    class Wide(Config):
        seed: int = Field(0, ge=0, lt=2**31, title="Seed", description="Start.")

    ((_, schema),) = fields(Wide)
    assert describe(schema) == "Start. [at least 0, default 0]"
