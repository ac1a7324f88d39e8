"""The dense variational auto-encoder: settings and assembly shared by every latent space."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from napari_hypseg.config_base import ADVANCED, Config
from napari_hypseg.methods.batch_covariates import covariates, one_hot, settled_covariates
from napari_hypseg.volumes.volume import Vector3

if TYPE_CHECKING:
    from napari_hypseg.geometry.manifolds.manifold import Manifold
    from napari_hypseg.nn.vae import VAE, LossWeights


DECODED = 32
"""Width of the decoder: its first layer is the dearest of all, and what it draws is smooth."""


class VAESettings(Config):
    """Size of the network and balance of its loss."""

    latent_dim: int = Field(
        8,
        ge=2,
        le=64,
        title="Latent dimension",
        description="Dimension of the latent space; more separate more kinds of structure.",
        json_schema_extra=ADVANCED,
    )
    width: int = Field(
        64,
        ge=4,
        le=512,
        title="Width",
        description="Size of the network; wider sees subtler differences and learns more slowly.",
        json_schema_extra=ADVANCED,
    )
    kl_weight: float = Field(
        0.05,
        ge=0,
        le=100,
        title="Prior weight",
        description="Higher merges similar textures into one region.",
        json_schema_extra=ADVANCED,
    )
    triplet_weight: float = Field(
        0.1,
        ge=0,
        le=100,
        title="Containment weight",
        description="Higher keeps the parts of one object together.",
        json_schema_extra=ADVANCED,
    )
    triplet_margin: float = Field(
        0.2,
        ge=0,
        le=10,
        title="Containment margin",
        description="Distance by which parts of different objects are separated.",
        json_schema_extra=ADVANCED,
    )
    triplet_scales: int = Field(
        4,
        ge=1,
        le=4,
        title="Containment scales",
        description="Number of scales of the triplet loss, the smallest first.",
        json_schema_extra=ADVANCED,
    )
    decoder: Literal["gyroplane", "plain"] = Field(
        "gyroplane",
        title="Decoder",
        description="First layer of the decoder: distances to hyperplanes of the manifold, or a linear layer.",
        json_schema_extra=ADVANCED,
    )
    gyroplane_kernel: Literal[1, 3] = Field(
        3,
        title="Decoder kernel",
        description="1 decodes each voxel by itself, 3 together with its neighbours.",
        json_schema_extra=ADVANCED,
    )
    hidden_share: float = Field(
        0.2,
        gt=0,
        lt=1,
        title="Hidden voxels",
        description="Share of voxels hidden while learning; this is what makes regions ignore noise.",
        json_schema_extra=ADVANCED,
    )
    batch_covariates: str = Field(
        "",
        title="Batch",
        description="What several specimens were made with, as day=mon,mon,tue with one value for each, joined by ;, "
        "or specimen for each by itself, or for the command a table. Latent points need not hold it then.",
        json_schema_extra=ADVANCED,
    )
    batch_encoder: bool = Field(
        False,
        title="Batch for encoder",
        description="Tell the batch to the encoder, too.",
        json_schema_extra=ADVANCED,
    )
    consistency_weight: float = Field(
        0.0,
        ge=0,
        le=100,
        title="Consistency weight",
        description="Higher pulls a crop and a noisier copy of it together.",
        json_schema_extra=ADVANCED,
    )


def settle_batches(settings: "VAESettings", n_specimens: int) -> "VAESettings":
    """Settings with batch covariates that fit so many specimens.

    Raises
    ------
    SettingError
        If they do not.
    """
    settled = settled_covariates(settings.batch_covariates, n_specimens)
    return settings.model_copy(update={"batch_covariates": settled})


def build_dense_vae(
    settings: VAESettings, manifold: "Manifold", posterior: str, n_channels: int, voxel_size: Vector3
) -> "VAE":
    """Compose encoder, latent space and decoder.

    Parameters
    ----------
    settings
        Size and balance.
    manifold
        Manifold of the latent points.
    posterior
        Name of the family of posteriors, one of `napari_hypseg.nn.posteriors.POSTERIORS`.
    n_channels
        Channels of the specimens.
    voxel_size
        Edge lengths (z, y, x) of their voxels; only the ratios matter.
    """
    from napari_hypseg.nn.batch_vectors import BatchVectors
    from napari_hypseg.nn.decoders import FIRST_LAYERS, PointDecoder
    from napari_hypseg.nn.encoders import FilterBank, VoxelMLP
    from napari_hypseg.nn.latent import Latent
    from napari_hypseg.nn.posteriors import POSTERIORS
    from napari_hypseg.nn.vae import VAE

    filters = FilterBank(n_channels, voxel_size)
    latent = Latent(manifold, settings.latent_dim, POSTERIORS[posterior])
    batches = BatchVectors(one_hot(covariates(settings.batch_covariates)), n_channels)
    first = FIRST_LAYERS[settings.decoder](manifold, settings.latent_dim, DECODED, settings.gyroplane_kernel)
    return VAE(
        filters,
        VoxelMLP(filters.width, settings.width, latent.n_outputs, batches.width if settings.batch_encoder else 0),
        latent,
        PointDecoder(first, DECODED, n_channels + filters.width, batches.width),
        _weights(settings),
        batches,
    )


def _weights(settings: VAESettings) -> "LossWeights":
    from napari_hypseg.nn.vae import LossWeights

    return LossWeights(
        kl=settings.kl_weight,
        triplet=settings.triplet_weight,
        margin=settings.triplet_margin,
        scales=settings.triplet_scales,
        hidden=settings.hidden_share,
        consistency=settings.consistency_weight,
    )
