"""Locked structures: what is right is frozen, and so is all that lies inside it."""

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import SettingError
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.structure import Structure


def lock_of(annotation: Annotation, structure: int) -> Structure | None:
    """The locked structure that freezes a structure: itself or one around it; None if it is free."""
    here: int | None = structure
    while here is not None:
        one = annotation.structure(here)
        if one.locked:
            return one
        here = one.parent
    return None


def check_unlocked(annotation: Annotation, structure: int) -> None:
    """Make sure that a structure may change.

    Raises
    ------
    SettingError
        Naming the lock.
    """
    lock = lock_of(annotation, structure)
    if lock is not None:
        name = annotation.structure(structure).name
        why = f"{name} is locked" if lock.id == structure else f"{name} lies inside {lock.name}, which is locked"
        raise SettingError(f"{why}; unlock {lock.name} first.")


def locked_ids(annotation: Annotation) -> list[int]:
    """Ids of all structures that are frozen."""
    return [one for one in annotation.structures if lock_of(annotation, one) is not None]


def takeable(annotation: Annotation, leaves: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Those of `leaves` (bool, K) that no locked structure holds.

    Raises
    ------
    SettingError
        If nothing is left.
    """
    frozen = np.isin(annotation.owners[1:], locked_ids(annotation))
    free = leaves & ~frozen
    if not free.any():
        names = {annotation.structure(int(one)).name for one in np.unique(annotation.owners[1:][leaves & frozen])}
        raise SettingError(f"All of this is locked in {', '.join(sorted(names)) or 'nothing'}; unlock it first.")
    return free
