"""Settings of learning an anatomical prior."""

from pydantic import Field

from napari_hypseg.config_base import ADVANCED, Config


class PriorSettings(Config):
    """On what grid, how freely, and how long a prior is learned."""

    minutes: float = Field(
        1.0,
        gt=0,
        le=10_000,
        title="Time",
        description="How long to learn in what ways shapes vary. Only the method's setting adapt makes use of it; "
        "where labels lie is known at once.",
        json_schema_extra={"unit": "min"},
    )
    steps: int | None = Field(
        None, ge=1, le=10_000_000, title="Steps", description="Learn for this many steps instead of a time."
    )
    grid: int = Field(
        88,
        ge=16,
        le=256,
        title="Grid",
        description="Voxels of the grid along its longest edge; for a brain, 88 are 2 mm each.",
        json_schema_extra={"unit": "voxels"},
    )
    deformation: float = Field(
        0.02,
        ge=0,
        le=0.2,
        title="Deformation",
        description="Standard deviation of random displacements of the labels, relative to the longest edge of the "
        "grid; more where specimens differ more than those at hand. 0 learns from them as they are.",
    )
    mirror: bool = Field(
        True,
        title="Mirror",
        description="Learn from every label map in its mirror image, too, where labels are found to come in pairs, "
        "left and right.",
    )
    latent_dim: int = Field(
        8, ge=3, le=64, title="Latent dimension", description="Numbers that a shape is described by at each place.",
        json_schema_extra=ADVANCED,
    )  # fmt: skip
    width: int = Field(
        32, ge=4, le=256, title="Width", description="Channels of the networks.", json_schema_extra=ADVANCED
    )
    learning_rate: float = Field(
        1.5e-3, gt=0, le=1, title="Learning rate", description="Size of a learning step.", json_schema_extra=ADVANCED
    )
    seed: int = Field(
        0, ge=0, lt=2**31, title="Seed", description="Another seed gives other deformations.",
        json_schema_extra=ADVANCED,
    )  # fmt: skip
