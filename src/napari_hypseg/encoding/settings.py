"""Settings of the leaves."""

from pydantic import Field

from napari_hypseg.config import Config


class LeafSettings(Config):
    """How finely the volume is taken apart before the tree puts it together."""

    leaves: int = Field(
        256,
        ge=2,
        le=65_535,
        title="Leaves",
        description="Smallest regions the tree is built from: the finest granularity the slider can reach.",
    )
