"""How boxes are cut out around particles."""

from typing import Literal

from pydantic import Field

from napari_hypseg.config_base import ADVANCED, Config


class BoxSettings(Config):
    """Size, resolution and grey values of boxes."""

    box_size: int = Field(
        32,
        ge=2,
        le=1024,
        title="Box",
        description="Edge of the box that is cut out around each particle.",
        json_schema_extra={"unit": "voxels, after binning"},
    )
    box_binning: int = Field(
        1,
        ge=1,
        le=64,
        title="Binning",
        description="Average cubes of this many voxels along an edge, so that the box shows more at less detail.",
    )
    normalise: Literal["box", "background", "none"] = Field(
        "box",
        title="Normalise",
        description=(
            "Bring each box to mean 0 and standard deviation 1: of the whole box, or of the background outside the "
            "largest ball in it, as RELION does."
        ),
    )
    invert: bool = Field(
        False,
        title="Invert",
        description="Turn dark into bright, for programs that expect bright particles.",
        json_schema_extra=ADVANCED,
    )
    border: Literal["skip", "mean"] = Field(
        "skip",
        title="At the border",
        description=(
            "Leave out boxes that reach beyond the tomogram, or fill what is missing with the mean of what is there."
        ),
        json_schema_extra=ADVANCED,
    )

    @property
    def extent(self) -> int:
        """Edge of the box in voxels of the tomogram."""
        return self.box_size * self.box_binning
