"""The spatial-VAE: content of a particle apart from how it lies; docs/methods/spatial_vae.md says what is published."""

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from napari_hypseg.config_base import ADVANCED, Config
from napari_hypseg.errors import InputError

if TYPE_CHECKING:
    from napari_hypseg.geometry.manifolds.manifold import Manifold
    from napari_hypseg.nn.latent import Latent
    from napari_hypseg.nn.spatial.spatial_vae import SpatialVAE

TRAINING: Mapping[str, Any] = MappingProxyType({"batch": 64, "learning_rate": 4e-3})
"""Settings of learning that take the place of the defaults of `TrainingSettings`."""
SPATIAL_VAE: Mapping[str, Any] = MappingProxyType(
    {
        "encoder": "perceptron",
        "starts": 1,
        "width": 500,
        "frequencies": 0,
        "frozen_epochs": 2,
        "warm_epochs": 0,
        "decoded_pixels": None,
        "refine_steps": 0,
        "encoder_rate": 1.0,
    }
)
"""The published model of real and simulated projections (Bepler et al. 2019, section 4.3)."""
SPATIAL_VAE_TRAINING: Mapping[str, Any] = MappingProxyType({"batch": 100, "learning_rate": 1e-4})
PRESETS: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = MappingProxyType(
    {"default": (MappingProxyType({}), TRAINING), "spatial-vae": (SPATIAL_VAE, SPATIAL_VAE_TRAINING)}
)
"""By name: settings of the model and of learning that differ from the defaults."""


class SpatialVAESettings(Config):
    """What content and pose may be, and how they are inferred."""

    rotations: Literal["plane", "axis", "space"] = Field(
        "plane",
        title="Rotations",
        description="Rotations of images in their plane, of boxes about the axis z, or of boxes in space.",
    )
    latent: Literal["euclidean", "hyperspherical", "hyperbolic"] = Field(
        "euclidean", title="Latent space", description="Where the content of a particle lies."
    )
    latent_dim: int = Field(
        2, ge=1, le=64, title="Latent dimension", description="Dimension of the content; more tell apart more kinds."
    )
    likelihood: Literal["normal", "bernoulli"] = Field(
        "normal",
        title="Likelihood",
        description="Distribution of a value: normal for grey values, Bernoulli for values between 0 and 1.",
        json_schema_extra=ADVANCED,
    )
    angle_prior: float = Field(
        180.0,
        ge=0,
        le=10_000,
        title="Angle prior",
        description="Standard deviation of the prior of the angles; 0 does not rotate.",
        json_schema_extra={"unit": "degrees", **ADVANCED},
    )
    mean_free: bool = Field(
        True,
        title="Any angle",
        description="All angles are equally likely; if not, small ones are.",
        json_schema_extra=ADVANCED,
    )
    shift_prior: float = Field(
        1.5,
        ge=0,
        le=1000,
        title="Shift prior",
        description="Standard deviation of the distance of particles from the middle of their boxes; 0 does not shift.",
        json_schema_extra={"unit": "pixels"},
    )
    starts: int = Field(
        8,
        ge=1,
        le=72,
        title="Starting rotations",
        description="Rotations tried for each particle; in space there are 24, or 1.",
        json_schema_extra=ADVANCED,
    )
    encoder: Literal["perceptron", "convolution"] = Field(
        "perceptron", title="Encoder", description="Network that infers content and pose.", json_schema_extra=ADVANCED
    )
    width: int = Field(
        96, ge=4, le=4096, title="Width", description="Units of a hidden layer.", json_schema_extra=ADVANCED
    )
    layers: int = Field(2, ge=1, le=8, title="Layers", description="Hidden layers.", json_schema_extra=ADVANCED)
    frequencies: int = Field(
        4,
        ge=0,
        le=64,
        title="Frequencies",
        description="Waves given to the generator beside the coordinates; more draw finer detail.",
        json_schema_extra=ADVANCED,
    )
    encoder_rate: float = Field(
        0.2,
        gt=0,
        le=10,
        title="Encoder rate",
        description="Learning rate of the encoder, relative to that of the generator.",
        json_schema_extra=ADVANCED,
    )
    augment: bool = Field(
        True,
        title="Turn at random",
        description="Turn the particles at random while learning.",
        json_schema_extra=ADVANCED,
    )
    frozen_epochs: float = Field(
        8.0,
        ge=0,
        le=1000,
        title="Poses first",
        description="Passes through the particles in which only poses are learned.",
        json_schema_extra=ADVANCED,
    )
    warm_epochs: float = Field(
        8.0,
        ge=0,
        le=1000,
        title="Content by and by",
        description="Passes after these in which the prior of the content gains its weight.",
        json_schema_extra=ADVANCED,
    )
    decoded_pixels: int | None = Field(
        192,
        ge=8,
        title="Decoded pixels",
        description="Random pixels of a particle generated in a step; all if there is no number.",
        json_schema_extra=ADVANCED,
    )
    refine_steps: int = Field(
        16,
        ge=0,
        le=1000,
        title="Refining steps",
        description="Steps that refine content and pose of each particle after learning; 0 takes those of the encoder.",
        json_schema_extra=ADVANCED,
    )
    compared_pixels: int = Field(
        64,
        ge=8,
        title="Compared pixels",
        description="Random pixels by which starting rotations are compared.",
        json_schema_extra=ADVANCED,
    )


def build_spatial_vae(settings: SpatialVAESettings, shape: Sequence[int], n_images: int) -> "SpatialVAE":
    """Compose encoder, latent space, pose and generator.

    Parameters
    ----------
    settings
        What content and pose may be.
    shape
        Of an image (y, x) or a box (z, y, x).
    n_images
        Number of images learned from, which makes an epoch.

    Raises
    ------
    InputError
        If the edges differ, or there are not as many as the rotations have.
    """
    from napari_hypseg.nn.spatial.generator import SpatialGenerator
    from napari_hypseg.nn.spatial.image_encoders import ENCODERS
    from napari_hypseg.nn.spatial.likelihoods import LIKELIHOODS
    from napari_hypseg.nn.spatial.pose_posterior import PosePrior
    from napari_hypseg.nn.spatial.pose_space import POSE_SPACES
    from napari_hypseg.nn.spatial.spatial_vae import SpatialLearning, SpatialVAE

    space = POSE_SPACES[settings.rotations]
    _check_shape(shape, space.dims)
    latent = latent_space(settings.latent, settings.latent_dim)
    prior = PosePrior(
        space=space,
        n_starts=settings.starts if settings.angle_prior else 1,
        angle_scale=math.radians(settings.angle_prior),
        mean_free=settings.mean_free,
        # The coordinates are 2 long from the first pixel to the last.
        shift_scale=2 * settings.shift_prior / max(1, shape[0] - 1),
    )
    likelihood = LIKELIHOODS[settings.likelihood]
    generator = SpatialGenerator(
        len(shape),
        latent.manifold,
        settings.latent_dim,
        settings.width,
        settings.layers,
        likelihood.n_outputs,
        settings.frequencies,
    )
    encoder = ENCODERS[settings.encoder](shape, settings.width, settings.layers, latent.n_outputs + prior.n_outputs)
    learning = SpatialLearning(
        augment=settings.augment and settings.angle_prior > 0,
        frozen_images=round(settings.frozen_epochs * n_images),
        warm_images=round(settings.warm_epochs * n_images),
        decoded=settings.decoded_pixels,
        compared=settings.compared_pixels,
        encoder_rate=settings.encoder_rate,
    )
    return SpatialVAE(shape, latent, prior, encoder, generator, likelihood, learning, settings.refine_steps)


def _check_shape(shape: Sequence[int], dims: int) -> None:
    edges = " × ".join(map(str, shape))
    if len(shape) != dims:
        raise InputError(
            f"Particles of {edges} pixels have not the {dims} axes of the chosen rotations; choose others."
        )
    if len(set(shape)) > 1:
        raise InputError(f"Particles of {edges} pixels cannot be turned; extract boxes with equal edges.")


def latent_space(name: str, dim: int) -> "Latent":
    """The latent space called `name` of a dimension `dim`."""
    from napari_hypseg.nn.latent import Latent
    from napari_hypseg.nn.posteriors import POSTERIORS

    manifold, posterior = _LATENTS[name]()
    return Latent(manifold, dim, POSTERIORS[posterior])


def _euclidean() -> "tuple[Manifold, str]":
    from napari_hypseg.geometry.manifolds.euclidean import Euclidean

    return Euclidean(), "normal"


def _hyperspherical() -> "tuple[Manifold, str]":
    from napari_hypseg.geometry.manifolds.sphere import Sphere

    return Sphere(), "power-spherical"


def _hyperbolic() -> "tuple[Manifold, str]":
    from napari_hypseg.geometry.manifolds.poincare import PoincareBall

    return PoincareBall(1.0), "wrapped-normal"


_LATENTS: "Mapping[str, Callable[[], tuple[Manifold, str]]]" = MappingProxyType(
    {"euclidean": _euclidean, "hyperspherical": _hyperspherical, "hyperbolic": _hyperbolic}
)
