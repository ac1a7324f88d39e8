"""Which labels are each other's mirror image: where left and right are alike, every label map stands for two."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from napari_hypseg.pipeline.label_maps import LabelMap, all_codes, common_codes
from napari_hypseg.volumes.registration import FEWEST_LANDMARKS, align_by_landmarks

FEWEST_PAIRS = 3
"""Pairs of labels from which on a specimen is taken to have a left and a right."""
LARGEST_RATIO = 2.0
"""Of the volumes of a pair."""
LARGEST_RESIDUAL = 0.1
"""Root mean square distance of mirrored centres from those of their partners, relative to that of all centres from
their mean."""
ROUNDS = 3
"""Times that the mirror image is aligned by its partners: a specimen may lie askew in its file."""


def mirror_partners(maps: Sequence[LabelMap]) -> Mapping[int, int] | None:
    """For each code, the one that its mirror image has; its own in the middle.

    None where labels are no mirror images of one another: where not every label is in every map and finds its partner
    there, or the partners differ between the maps.
    """
    codes = all_codes(maps)
    if len(codes) < FEWEST_LANDMARKS or codes != common_codes(maps):
        return None
    found = {None if one is None else tuple(one) for one in (_partners(each, codes) for each in maps)}
    places = found.pop()
    if found or places is None:
        return None
    return {code: codes[place] for code, place in zip(codes, places, strict=True)}


def _partners(one: LabelMap, codes: Sequence[int]) -> list[int] | None:
    """The place in `codes` of the partner of each code, of the axis along which the map is most symmetric."""
    centres = np.stack([one.centres[code] for code in codes]) * np.asarray(one.volume.voxel_size)
    sizes = np.array([one.voxels[code] for code in codes], dtype=np.float64)
    tried = [_along(axis, centres, sizes) for axis in range(3)]
    residual, places = min(tried, key=lambda each: each[0])
    return places.tolist() if residual <= LARGEST_RESIDUAL else None


def _along(
    axis: int, centres: npt.NDArray[np.float64], sizes: npt.NDArray[np.float64]
) -> tuple[float, npt.NDArray[np.int64]]:
    """How little the mirror image along `axis` fits (infinite where it does not at all), and the partners (n,)."""
    mirrored = centres.copy()
    mirrored[:, axis] = 2 * centres[:, axis].mean() - centres[:, axis]
    itself = np.arange(len(centres))
    unlike = np.maximum(sizes[:, None] / sizes, sizes / sizes[:, None]) > LARGEST_RATIO
    for _ in range(ROUNDS):
        distances = np.linalg.norm(mirrored[:, None] - centres, axis=2)
        distances[unlike] = np.inf
        partners = distances.argmin(axis=1)
        if (partners[partners] != itself).any() or (partners != itself).sum() < 2 * FEWEST_PAIRS:
            return np.inf, itself
        affine = align_by_landmarks(centres, centres[partners])
        if np.linalg.det(affine[:, :3]) >= 0:
            return np.inf, itself
        mirrored = centres @ affine[:, :3].T + affine[:, 3]
    squares = ((mirrored - centres[partners]) ** 2).sum(axis=1)
    radius = ((centres - centres.mean(axis=0)) ** 2).sum(axis=1)
    return float(np.sqrt(squares.mean() / radius.mean())), partners
