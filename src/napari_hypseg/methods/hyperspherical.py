"""The same dense VAE on the hypersphere (Davidson et al. 2018): bounded, without a centre, and uniform at first."""

from typing import Literal

from pydantic import Field

from napari_hypseg.config_base import ADVANCED
from napari_hypseg.methods.base import Method
from napari_hypseg.methods.dense_vae import VAESettings, build_dense_vae, settle_batches
from napari_hypseg.volumes.volume import Vector3


class HypersphericalSettings(VAESettings):
    """Settings of the hyperspherical VAE; the latent dimension is that of the sphere, one less than its coordinates."""

    posterior: Literal["power-spherical", "von-mises-fisher"] = Field(
        "power-spherical",
        title="Posterior",
        description="Family of the posterior of a latent point; the two are similar, and Power Spherical is faster.",
        json_schema_extra=ADVANCED,
    )


def _build(settings: HypersphericalSettings, n_channels: int, voxel_size: Vector3) -> object:
    from napari_hypseg.geometry.manifolds.sphere import Sphere

    return build_dense_vae(settings, Sphere(), settings.posterior, n_channels, voxel_size)


METHOD = Method(
    name="hyperspherical",
    title="Hyperspherical VAE",
    description="The same network with points on a sphere, for comparison.",
    settings=HypersphericalSettings,
    build=_build,
    settle=settle_batches,
    curvature=lambda settings: -1.0,
)
