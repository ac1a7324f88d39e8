"""What a method is: a name, its settings, and how a model is built from them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from napari_hypseg.config_base import Config
from napari_hypseg.methods.crops import draw_crops
from napari_hypseg.volumes.volume import Vector3


def curvature_named(settings: Config) -> float:
    """The curvature that settings name, 0 (flat) where they name none."""
    return float(getattr(settings, "curvature", 0.0))


def no_classes(settings: Config) -> Sequence[str]:
    """None: what regions are is left to the person."""
    return ()


def settled(settings: Config, n_specimens: int) -> Config:
    """Settings that leave nothing open."""
    return settings


@dataclass(frozen=True)
class Method:
    """One way to learn a representation. An entry point of the group ``napari_hypseg.methods`` names one.

    Parameters
    ----------
    name
        Word of the command and the saved run, such as ``"hyperbolic"``.
    title, description
        What a person reads.
    settings
        Class of its settings.
    build
        From settings, number of channels and voxel size (z, y, x) to a `napari_hypseg.nn.model.DenseModel`. It imports
        torch itself, so that listing the methods does not.
    training
        Settings of learning that take the place of the defaults of `TrainingSettings` where the person set nothing.
    curvature
        From settings to the c of the latent space's sectional curvature −c: 0 if it is flat, −1 for the unit sphere.
    examples
        From a model, the specimens, how their grey values are standardised, and settings of learning to a job that
        gives what the model learns from; see `napari_hypseg.training.sampler.Sampler`. By default random crops.
    classes
        From settings to the names of the classes that it knows beforehand: the squared coordinates of a point are
        then their probabilities, behind that of none of them, and regions become structures of these names.
    settle
        From settings and the number of specimens to settings in which nothing is open that depends on them; raises a
        `SettingError` if they do not fit.
    """

    name: str
    title: str
    description: str
    settings: type[Config]
    build: Callable[[Any, int, Vector3], Any]
    training: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    curvature: Callable[[Any], float] = curvature_named
    examples: Callable[[Any, Any, Any, Any], Any] = draw_crops
    classes: Callable[[Any], Sequence[str]] = no_classes
    settle: Callable[[Any, int], Config] = settled
