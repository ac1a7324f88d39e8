"""The sorting localizer: a network that puts slices in order has to look at the sample."""

from typing import Literal

from pydantic import Field

from napari_hypseg.config import ADVANCED
from napari_hypseg.methods.localizer import FittedLocalizer, Localizer
from napari_hypseg.methods.slice_settings import SliceSettings


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


def _build(settings: SortingSettings, n_channels: int) -> FittedLocalizer:
    from napari_hypseg.methods.slice_sorter import SliceSorter

    return SliceSorter(settings, n_channels)


LOCALIZER = Localizer(
    name="sorting",
    title="Sorting",
    description="Learns to put slices in order; the sample is what it needs for that.",
    settings=SortingSettings,
    build=_build,
)
