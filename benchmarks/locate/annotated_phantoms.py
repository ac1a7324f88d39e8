"""Generated volumes whose parts are known, small enough to segment again and again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from benchmarks.ct_phantom.phantom import ct_phantom
from benchmarks.ct_phantom.surroundings import DISTRACTOR, MEDIUM, SPECIMEN, WALL
from napari_hypseg.volumes.phantom import MITOCHONDRION, OUTER_SPHERE, SMALL_CUBOID, SMALL_SPHERE, VESICLE, phantom
from napari_hypseg.volumes.volume import Volume

NESTED_GROUPS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "outer sphere": (OUTER_SPHERE, VESICLE, MITOCHONDRION, SMALL_SPHERE, SMALL_CUBOID),
        "vesicles": (VESICLE, SMALL_SPHERE),
        "mitochondria": (MITOCHONDRION, SMALL_CUBOID),
        "small spheres": (SMALL_SPHERE,),
        "small cuboids": (SMALL_CUBOID,),
    }
)
"""Each with all that it holds."""
SCAN_GROUPS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"specimen": (SPECIMEN,), "medium": (MEDIUM,), "container": (WALL,), "distractor": (DISTRACTOR,)}
)


@dataclass(frozen=True, eq=False)
class Labelled:
    """A volume and which labels belong together.

    Parameters
    ----------
    volume
        One channel (z, y, x).
    labels
        uint8 (z, y, x).
    groups
        Labels by name of the group; all occur.
    """

    volume: Volume
    labels: npt.NDArray[np.uint8]
    groups: Mapping[str, tuple[int, ...]]


def nested_spheres(edge: int, seed: int) -> Labelled:
    """The phantom tomogram of `edge`³ voxels."""
    made = phantom((edge,) * 3, seed)
    return Labelled(made.volume, made.labels, NESTED_GROUPS)


def ct_scan(edge: int, seed: int) -> Labelled:
    """The CT phantom of `edge`³ voxels, always in a container and with a second object."""
    made = ct_phantom((edge,) * 3, seed, "capillary", "object")
    return Labelled(made.volume, made.labels, SCAN_GROUPS)


LABELLED: Mapping[str, Callable[[int, int], Labelled]] = MappingProxyType(
    {"nested spheres": nested_spheres, "CT scan": ct_scan}
)
"""From edge and seed to a volume, by what it shows."""
