"""How boxes are aligned."""

from pydantic import Field

from napari_hypseg.config_base import ADVANCED, Config


class AlignmentSettings(Config):
    """What was measured, and how finely boxes are compared."""

    tilt_range: float = Field(
        60.0,
        gt=0,
        le=90,
        title="Tilt range",
        description="Tilts about the axis y reach this far to either side, the rest is missing; 90 misses nothing.",
        json_schema_extra={"unit": "degrees"},
    )
    mask_radius: float | None = Field(
        None,
        gt=1,
        le=1000,
        title="Mask radius",
        description="What is farther from the middle of a box does not count; by default 0.42 of the edge.",
        json_schema_extra={"unit": "pixels"},
    )
    resolution: float | None = Field(
        None,
        ge=2,
        le=1000,
        title="Resolution",
        description="Period of the finest detail that is compared; by default a sixth of the edge, at least 3.",
        json_schema_extra={"unit": "pixels"},
    )
    angular_step: float = Field(
        20.0,
        ge=5,
        le=60,
        title="Angular step",
        description="Distance between the rotations that are tried first; they are refined to a sixth of it.",
        json_schema_extra={"unit": "degrees", **ADVANCED},
    )
    references: int | None = Field(
        None,
        ge=1,
        le=256,
        title="References",
        description="Averages to begin with, which are merged into classes; by default three a class, at least 10.",
        json_schema_extra=ADVANCED,
    )
    rounds: int = Field(
        6,
        ge=1,
        le=100,
        title="Rounds",
        description="How often all boxes are compared with all references before these are merged.",
        json_schema_extra=ADVANCED,
    )
    seed: int = Field(
        0, ge=0, title="Seed", description="Another seed begins with other boxes.", json_schema_extra=ADVANCED
    )

    def mask_radius_of(self, edge: int) -> float:
        """In voxels, of boxes of `edge` voxels."""
        return self.mask_radius if self.mask_radius is not None else 0.42 * edge

    def resolution_of(self, edge: int) -> float:
        """In voxels, of boxes of `edge` voxels."""
        return self.resolution if self.resolution is not None else max(3.0, edge / 6)

    def references_of(self, n_classes: int, n_boxes: int) -> int:
        """How many references there are at first; four boxes each at least, and no fewer than classes."""
        wanted = self.references if self.references is not None else max(10, 3 * n_classes)
        return max(n_classes, min(wanted, n_boxes // 4))
