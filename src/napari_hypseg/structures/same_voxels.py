"""Whether structures still have the voxels that they had, whatever else was edited."""

from collections.abc import Sequence

import numpy as np

from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.painting import Painting


def same_voxels(before: Annotation, now: Annotation, names: Sequence[str]) -> bool:
    """Whether the structures called `names` hold the same voxels; an empty name stands for all structures.

    Names and colours do not count, but for a structure that is not called as before any more.
    """
    if "" in names[:1]:
        ids = {frozenset(before.structures), frozenset(now.structures)}
        whole = np.array_equal(before.owners, now.owners)
        return len(ids) == 1 and whole and same_painting(before.painting, now.painting)
    return all(_same(before, now, name) for name in filter(None, names))


def _same(before: Annotation, now: Annotation, name: str) -> bool:
    one = next((one for one in before.structures.values() if one.name == name), None)
    if one is None or one.id not in now.structures or set(before.family(one.id)) != set(now.family(one.id)):
        return False
    return np.array_equal(before.leaves(one.id), now.leaves(one.id)) and same_painting(before.painting, now.painting)


def same_painting(before: Painting, now: Painting) -> bool:
    """Whether the same voxels are painted; states share the cubes that did not change."""
    if before is now:
        return True
    return before.cubes.keys() == now.cubes.keys() and all(
        cube is now.cubes[place] or np.array_equal(cube, now.cubes[place]) for place, cube in before.cubes.items()
    )
