"""A structure: what a person calls a set of leaves and painted voxels."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

Rgb = tuple[float, float, float]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]
Colour = tuple[Share, Share, Share]
"""sRGB in [0, 1]."""
MAX_STRUCTURES = 1000
"""Structures that a project may ever have made; their ids are not used twice."""
StructureId = Annotated[int, Field(ge=1, le=MAX_STRUCTURES)]


@dataclass(frozen=True)
class Structure:
    """What is known of a structure besides the voxels it holds.

    Parameters
    ----------
    id
        From 1; never used again after the structure was removed.
    name
        Unique in the project.
    colour
        sRGB in [0, 1].
    parent
        Id of the structure it lies inside, None for one that stands alone.
    visible
        Whether it is shown.
    locked
        Whether it is frozen: nothing takes voxels from it or adds any, and it cannot be removed.
    """

    id: int
    name: str
    colour: Rgb
    parent: int | None = None
    visible: bool = True
    locked: bool = False
