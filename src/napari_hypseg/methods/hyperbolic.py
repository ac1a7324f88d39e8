"""The default: a dense VAE whose latent space is the Poincaré ball (Hsu et al. 2021)."""

from typing import Literal

from pydantic import Field

from napari_hypseg.config_base import ADVANCED
from napari_hypseg.methods.base import Method
from napari_hypseg.methods.dense_vae import VAESettings, build_dense_vae, settle_batches
from napari_hypseg.volumes.volume import Vector3


class HyperbolicSettings(VAESettings):
    """Settings of the hyperbolic VAE."""

    curvature: float = Field(
        1.0,
        ge=1e-6,
        le=100,
        title="Curvature",
        description="Higher gives fine structures more room beside coarse ones.",
        json_schema_extra=ADVANCED,
    )
    posterior: Literal["wrapped-normal", "riemannian-normal"] = Field(
        "wrapped-normal",
        title="Posterior",
        description="Family of the posterior of a latent point; only the wrapped normal differs between directions.",
        json_schema_extra=ADVANCED,
    )


def _build(settings: HyperbolicSettings, n_channels: int, voxel_size: Vector3) -> object:
    from napari_hypseg.geometry.manifolds.poincare import PoincareBall

    return build_dense_vae(settings, PoincareBall(settings.curvature), settings.posterior, n_channels, voxel_size)


METHOD = Method(
    name="hyperbolic",
    title="Hyperbolic VAE",
    description="Learns parts and wholes in hyperbolic space, where trees have room.",
    settings=HyperbolicSettings,
    build=_build,
    settle=settle_batches,
)
