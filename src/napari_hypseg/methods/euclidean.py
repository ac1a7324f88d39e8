"""The same dense VAE in flat space: what the hyperbolic one is compared with."""

from napari_hypseg.methods.base import Method
from napari_hypseg.methods.dense_vae import VAESettings, build_dense_vae, settle_batches
from napari_hypseg.volumes.volume import Vector3


def _build(settings: VAESettings, n_channels: int, voxel_size: Vector3) -> object:
    from napari_hypseg.geometry.manifolds.euclidean import Euclidean

    return build_dense_vae(settings, Euclidean(), "wrapped-normal", n_channels, voxel_size)


METHOD = Method(
    name="euclidean",
    title="Euclidean VAE",
    description="The same network with a flat latent space, for comparison.",
    settings=VAESettings,
    build=_build,
    settle=settle_batches,
)
