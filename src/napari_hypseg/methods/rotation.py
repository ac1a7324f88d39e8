"""The rotation localizer: a network that tells by how much two neighbouring slices are turned has to see a sample."""

from pydantic import Field

from napari_hypseg.config import ADVANCED
from napari_hypseg.methods.localizer import FittedLocalizer, Localizer
from napari_hypseg.methods.slice_settings import SliceSettings


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


def _build(settings: RotationSettings, n_channels: int) -> FittedLocalizer:
    from napari_hypseg.methods.slice_turner import SliceTurner

    return SliceTurner(settings, n_channels)


LOCALIZER = Localizer(
    name="rotation",
    title="Rotation",
    description="Learns by how much neighbouring slices are turned; where it is certain, there is a sample.",
    settings=RotationSettings,
    build=_build,
)
