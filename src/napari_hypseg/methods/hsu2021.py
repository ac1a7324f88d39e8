"""The method of Hsu et al. 2021 as published, to be compared with; docs/methods/hsu2021.md says what is ours."""

from types import MappingProxyType

from pydantic import Field

from napari_hypseg.config_base import ADVANCED, Config
from napari_hypseg.methods.base import Method
from napari_hypseg.volumes.volume import Vector3

CURVATURE = 1.0
TRAINING = MappingProxyType({"crop": 48, "batch": 128, "learning_rate": 5e-7, "mixed_precision": False})
"""The published batch and rate; a crop (with its halo) in which the largest whole leaves room for any part beside."""


class Hsu2021Settings(Config):
    """What the published ablation varied."""

    latent_dim: int = Field(
        2,
        ge=2,
        le=64,
        title="Latent dimension",
        description="Dimension of the latent space; 2 was published.",
        json_schema_extra=ADVANCED,
    )
    triplet_weight: float = Field(
        1000.0,
        ge=0,
        le=1e6,
        title="Containment weight",
        description="Weight of the triplet loss beside the loss of a whole patch; 1000 was published, 0 leaves it out.",
        json_schema_extra=ADVANCED,
    )
    triplet_margin: float = Field(
        0.2,
        ge=0,
        le=10,
        title="Containment margin",
        description="Distance by which parts of different objects are separated; 0.2 was published.",
        json_schema_extra=ADVANCED,
    )


def _build(settings: Hsu2021Settings, n_channels: int, voxel_size: Vector3) -> object:
    """The model; as published, it takes voxels of any shape for cubes."""
    from napari_hypseg.geometry.manifolds.poincare import PoincareBall
    from napari_hypseg.nn.patch_vae import PatchVAE

    ball = PoincareBall(CURVATURE)
    return PatchVAE(ball, settings.latent_dim, n_channels, settings.triplet_weight, settings.triplet_margin)


METHOD = Method(
    name="hsu2021",
    title="Hyperbolic VAE of 2021",
    description="The published method with a patch around every voxel; slow, there to be compared with.",
    settings=Hsu2021Settings,
    build=_build,
    training=TRAINING,
    curvature=lambda settings: CURVATURE,
)
