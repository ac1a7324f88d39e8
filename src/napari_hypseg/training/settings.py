"""Settings of training, shared by every method."""

from typing import Literal

from pydantic import Field

from napari_hypseg.config_base import ADVANCED, Config


class TrainingSettings(Config):
    """How long and on what a model learns."""

    minutes: float = Field(
        1.0,
        gt=0,
        le=10_000,
        title="Time",
        description="How long to learn. Longer separates finer structures.",
        json_schema_extra={"unit": "min"},
    )
    steps: int | None = Field(
        None,
        ge=1,
        le=10_000_000,
        title="Steps",
        description="Learn for this many steps instead of a time; the same steps and seed give the same regions.",
        json_schema_extra=ADVANCED,
    )
    device: Literal["auto", "cuda", "mps", "cpu"] = Field(
        "auto", title="Device", description="What to compute on; auto takes a graphics card where there is one."
    )
    seed: int = Field(
        0,
        ge=0,
        lt=2**31,
        title="Seed",
        description="Another seed gives another, equally valid, start of learning.",
        json_schema_extra=ADVANCED,
    )
    crop: int = Field(
        32,
        ge=8,
        le=128,
        title="Crop",
        description="Edge of the cubes the model learns from.",
        json_schema_extra={"unit": "voxels", **ADVANCED},
    )
    batch: int = Field(
        2, ge=1, le=256, title="Batch", description="Cubes in one learning step.", json_schema_extra=ADVANCED
    )
    learning_rate: float = Field(
        2e-3,
        gt=0,
        le=1,
        title="Learning rate",
        description="Size of a learning step; lowered by itself if learning becomes unstable.",
        json_schema_extra=ADVANCED,
    )
    mixed_precision: bool = Field(
        True,
        title="Mixed precision",
        description="Compute with shorter numbers on graphics cards, where that is faster.",
        json_schema_extra=ADVANCED,
    )
