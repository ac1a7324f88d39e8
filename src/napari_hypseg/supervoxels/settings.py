"""Settings of supervoxels and leaves."""

from pydantic import Field

from napari_hypseg.config_base import Config


class LeafSettings(Config):
    """How many leaves the hierarchy is built over."""

    leaves: int = Field(
        512,
        ge=2,
        le=65_535,
        title="Leaves",
        description="Most regions the slider can reach; a small volume may have fewer.",
    )
