"""Settings of finding the sample, shared by the command and the panel."""

from typing import Any, Literal

from pydantic import Field

from napari_hypseg.config_base import ADVANCED, Config


class LocateSettings(Config):
    """How the sample is looked for; the defaults need no change."""

    method: str = Field("vote", title="Localizer", description="Method that finds the sample.")
    model: dict[str, Any] = Field(
        default_factory=dict,
        title="Model",
        description="The localizer's own settings, where they differ from its defaults.",
    )
    margin: float = Field(
        0.0,
        ge=0,
        le=100,
        title="Margin",
        description="Leave this much room around the sample on every side, in percent of the box.",
        json_schema_extra={"unit": "%"},
    )
    outline_steps: int = Field(
        600,
        ge=1,
        le=100_000,
        title="Outline steps",
        description="Training steps of the outline; more follow the sample more closely.",
        json_schema_extra=ADVANCED,
    )
    device: Literal["auto", "cuda", "mps", "cpu"] = Field(
        "auto", title="Device", description="What to compute on; auto takes a graphics card where there is one."
    )
