"""Segmentation by an anatomical prior (Dalca et al. 2018); docs/methods/anatomical.md says what is ours."""

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from napari_hypseg.config_base import ADVANCED, Config
from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.jobs import Job
from napari_hypseg.methods.base import Method
from napari_hypseg.volumes.intensity import Intensity
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import Vector3

if TYPE_CHECKING:
    from napari_hypseg.nn.anatomical.anatomical_model import AnatomicalModel
    from napari_hypseg.training.prior_file import AnatomicalPrior
    from napari_hypseg.training.sampler import Sampler
    from napari_hypseg.training.settings import TrainingSettings

TRAINING = MappingProxyType({"minutes": 2.0, "batch": 1, "learning_rate": 1e-3, "mixed_precision": False})
ENCODER_WIDTH = 32


class AnatomicalSettings(Config):
    """Which prior, and what of the published model takes part."""

    prior: str = Field(
        "",
        title="Prior",
        description="File of an anatomical prior, NAME.hypprior, that hypseg prior learn has made of label files.",
        json_schema_extra={
            "file": "*.hypprior",
            "names_method": True,
            "required": "the method needs the file of a prior; hypseg prior learn makes one of label files.",
        },
    )
    adapt: bool = Field(
        False,
        title="Adapt the shape",
        description="Find the shape that explains the volume, as published; without, the location prior and the grey "
        "values decide, which is more reliable where few specimens were learned from.",
        json_schema_extra=ADVANCED,
    )
    bound: Literal["marginal", "jensen"] = Field(
        "marginal",
        title="Bound",
        description="Likelihood of the volume given a shape: exactly, or the published bound by Jensen's inequality.",
        json_schema_extra=ADVANCED,
    )

    kl_weight: float = Field(
        6.0,
        gt=0,
        le=1000,
        title="Shape weight",
        description="Weight of how unusual a shape is beside what the volume shows; 1 was published.",
        json_schema_extra=ADVANCED,
    )
    smoothness: float = Field(
        4.0,
        ge=0,
        le=100,
        title="Smoothness",
        description="How strongly neighbouring voxels are drawn to one label; 0 judges each voxel by itself.",
        json_schema_extra=ADVANCED,
    )
    bias_field: bool = Field(
        True,
        title="Correct the bias field",
        description="Correct brightness that drifts across the volume, as in MRI as it comes from the scanner, where "
        "it drifts much (N4).",
        json_schema_extra=ADVANCED,
    )

    @field_validator("prior")
    @classmethod
    def _anywhere(cls, value: str) -> str:
        """The same file from whatever folder."""
        return str(Path(value).expanduser().absolute()) if value else ""


def _prior(settings: AnatomicalSettings) -> "AnatomicalPrior":
    from napari_hypseg.training.prior_file import load_prior

    if not settings.prior:
        raise SettingError("The method anatomical needs a prior; give one that hypseg prior learn has made.", "prior")
    return load_prior(Path(settings.prior))


def _build(settings: AnatomicalSettings, n_channels: int, voxel_size: Vector3) -> object:
    from napari_hypseg.nn.anatomical.anatomical_model import AnatomicalModel, ShapeOptions

    prior = _prior(settings)
    options = ShapeOptions(settings.bound, settings.adapt, settings.kl_weight, settings.smoothness, settings.bias_field)
    return AnatomicalModel(prior.decoder(), prior.frame, n_channels, ENCODER_WIDTH, options)


def _place(
    model: "AnatomicalModel",
    specimens: Sequence[Specimen],
    intensities: Sequence[Intensity],
    settings: "TrainingSettings",
) -> Job["Sampler"]:
    """Align the volume with the prior and hand it to the model; the one example is the whole of it."""
    from napari_hypseg.methods.placement import place_on_grid
    from napari_hypseg.training.specimen_numbers import SpecimenNumbers

    if len(specimens) != 1:
        raise InputError(
            f"The method anatomical explains one volume at a time, not {len(specimens)}; make a project for each."
        )
    yield from place_on_grid(model, specimens[0], intensities[0])
    return SpecimenNumbers(1, settings.seed)


def _names(settings: AnatomicalSettings) -> Sequence[str]:
    return tuple(label.name for label in _prior(settings).labels)


METHOD = Method(
    name="anatomical",
    title="Anatomical prior",
    description="Structures that are known from label files of other specimens, found and named in this one.",
    settings=AnatomicalSettings,
    build=_build,
    training=TRAINING,
    curvature=lambda settings: -1.0,
    examples=_place,
    classes=_names,
)
