"""How a structure becomes particles."""

from typing import Literal, TypeAlias

from pydantic import Field

from napari_hypseg.config_base import ADVANCED, Config

Source: TypeAlias = Literal["instances", "maxima", "surface"]


class PickSettings(Config):
    """Where in a structure particles are, and which of them count."""

    source: Source = Field(
        "instances",
        title="From",
        description=(
            "instances: one particle in the middle of each piece; maxima: one where the structure is thickest, however "
            "its parts touch; surface: points spread over its surface, each along the normal."
        ),
    )
    spacing: float | None = Field(
        None,
        gt=0,
        le=1e9,
        title="Spacing",
        description=(
            "Particles are at least this far apart, in the unit of the voxel size; of those that are nearer the larger "
            "stays. Points on a surface are spread as densely as that allows."
        ),
    )
    min_diameter: float = Field(
        0.0,
        ge=0,
        le=1e9,
        title="Smallest diameter",
        description="Leave out smaller particles, in the unit of the voxel size; of instances and maxima.",
    )
    max_diameter: float | None = Field(
        None,
        gt=0,
        le=1e9,
        title="Largest diameter",
        description="Leave out larger particles, in the unit of the voxel size; of instances and maxima.",
    )
    side: Literal["outer", "all"] = Field(
        "outer",
        title="Side",
        description=(
            "Of a surface, only where its normal points away from the middle of what it encloses, so that a shell has "
            "points outside but not inside, or all of it."
        ),
        json_schema_extra=ADVANCED,
    )
    offset: float = Field(
        0.0,
        ge=-1e9,
        le=1e9,
        title="Offset",
        description="Move points of a surface outwards along their normals by this, in the unit of the voxel size.",
        json_schema_extra=ADVANCED,
    )
    surface_smoothing: float = Field(
        1.5,
        ge=0,
        le=100,
        title="Smoothing",
        description=(
            "Standard deviation of the Gaussian that smooths the surface, and so steadies its normals; less for what "
            "is only a few voxels thick."
        ),
        json_schema_extra={"unit": "voxels (shortest edge)", **ADVANCED},
    )
