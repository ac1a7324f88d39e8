"""What a method is: a name, its settings, and how a model is built from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from napari_hypseg.config import Config
from napari_hypseg.volumes.volume import Vector3


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
    """

    name: str
    title: str
    description: str
    settings: type[Config]
    build: Callable[[Any, int, Vector3], Any]
    training: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
