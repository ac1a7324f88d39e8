"""Settings of the localizers that look at slices."""

from typing import Literal

from pydantic import Field

from napari_hypseg.config import ADVANCED, Config


class SliceSettings(Config):
    """Dropout and start of learning."""

    dropout: float = Field(
        0.1,
        gt=0,
        lt=1,
        title="Dropout",
        description="Share of features left out at a time.",
        json_schema_extra=ADVANCED,
    )
    seed: int = Field(0, ge=0, lt=2**31, title="Seed", description="Start of learning.", json_schema_extra=ADVANCED)


class SortingSettings(SliceSettings):
    """How slices are put in order."""

    steps: int = Field(
        200, ge=1, le=100_000, title="Steps", description="Learn for this many steps.", json_schema_extra=ADVANCED
    )
    axis: Literal["z", "y", "x", "all"] = Field(
        "z", title="Axis", description="Slices along this axis are put in order; z is the axis of rotation.",
        json_schema_extra=ADVANCED,
    )  # fmt: skip
    slices: int = Field(
        24, ge=2, le=256, title="Slices", description="Slices that are put in order at a time.",
        json_schema_extra=ADVANCED,
    )  # fmt: skip
    span: float = Field(
        1.0, gt=0, le=1, title="Span", description="Slices put in order come from this share of the axis.",
        json_schema_extra=ADVANCED,
    )  # fmt: skip
    centred: bool = Field(
        False, title="Central slices",
        description="Draw central slices more often, for samples with much room above and below.",
        json_schema_extra=ADVANCED,
    )  # fmt: skip
    margin: float = Field(
        1.0, gt=0, le=100, title="Ranking margin", description="How clearly two slices have to be told apart.",
        json_schema_extra=ADVANCED,
    )  # fmt: skip


class RotationSettings(SliceSettings):
    """How slices are compared."""

    steps: int = Field(
        150, ge=1, le=100_000, title="Steps", description="Learn for this many steps.", json_schema_extra=ADVANCED
    )
    angles: int = Field(
        16, ge=4, le=360, title="Angles", description="Equal steps of a full turn that are told apart.",
        json_schema_extra=ADVANCED,
    )  # fmt: skip
    distance: int = Field(
        2, ge=1, le=64, title="Slice distance", description="Two slices that are compared are at most this far apart.",
        json_schema_extra=ADVANCED,
    )  # fmt: skip
