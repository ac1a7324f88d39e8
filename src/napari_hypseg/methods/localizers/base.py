"""What a localizer is: the second small protocol beside `Method`. It finds the sample in a volume without labels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from napari_hypseg.config_base import Config
from napari_hypseg.jobs import Job
from napari_hypseg.volumes.coarse import CoarseVolume

if TYPE_CHECKING:
    import torch


Profiles = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a localizer sees in one volume.

    Parameters
    ----------
    map
        float32 (z, y, x), at least 0, on the coarse grid halved: how much speaks for sample at each place. Only
        its order matters.
    profiles
        For each axis, float32 in [0, 1]: certainty that a slice of the coarse grid holds sample.
    """

    map: npt.NDArray[np.float32]
    profiles: Profiles


class FittedLocalizer(Protocol):
    """A network that learns from coarse volumes and then says where the sample is."""

    def fit(self, volumes: Sequence[CoarseVolume], device: "torch.device") -> Job[None]:
        """Learn from `volumes` together. Yields `Progress` of stage ``"learn"``; `Command.STOP` ends it early."""
        ...

    def propose(self, volume: CoarseVolume) -> Job[Evidence]:
        """Look for the sample in `volume`, which need not be one that was learned from."""
        ...


@dataclass(frozen=True)
class Localizer:
    """One way to find the sample. An entry point of the group ``napari_hypseg.localizers`` names one.

    Parameters
    ----------
    name
        Word of the command and the saved box, such as ``"sorting"``.
    title, description
        What a person reads.
    settings
        Class of its settings.
    build
        From settings and number of channels to a `FittedLocalizer`. It imports torch itself.
    """

    name: str
    title: str
    description: str
    settings: type[Config]
    build: Callable[[Any, int], FittedLocalizer]
