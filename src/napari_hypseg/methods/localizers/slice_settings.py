"""Settings of the localizers that learn from slices."""

from functools import partial
from typing import Literal

from pydantic import Field

from napari_hypseg.config_base import ADVANCED, Config

_advanced = partial(Field, json_schema_extra=ADVANCED)
_steps = partial(_advanced, ge=1, le=100_000, title="Steps", description="Learn for this many steps.")


class SliceSettings(Config):
    """Dropout and start of learning."""

    dropout: float = _advanced(0.1, gt=0, lt=1, title="Dropout", description="Share of features left out at a time.")
    seed: int = _advanced(0, ge=0, lt=2**31, title="Seed", description="Seed of the random numbers.")


class SortingSettings(SliceSettings):
    """How slices are put in order."""

    steps: int = _steps(200)
    axis: Literal["z", "y", "x", "all"] = _advanced(
        "z", title="Axis", description="Slices along this axis are put in order; z is the axis of rotation."
    )
    slices: int = _advanced(24, ge=2, le=256, title="Slices", description="Slices that are put in order at a time.")
    span: float = _advanced(
        1.0, gt=0, le=1, title="Span", description="Slices put in order come from this share of the axis."
    )
    centred: bool = _advanced(
        False,
        title="Central slices",
        description="Draw central slices more often, for samples with much room above and below.",
    )
    margin: float = _advanced(
        1.0, gt=0, le=100, title="Ranking margin", description="How far the scores of two slices have to differ."
    )


class RotationSettings(SliceSettings):
    """How slices are compared."""

    steps: int = _steps(150)
    angles: int = _advanced(
        16, ge=4, le=360, title="Angles", description="Number of angles in a full turn that are classified."
    )
    distance: int = _advanced(
        2, ge=1, le=64, title="Slice distance", description="Two slices that are compared are at most this far apart."
    )
