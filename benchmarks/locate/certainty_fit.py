"""The weights of the certainty, fitted on generated scans whose boxes are known and that are scored nowhere.

``python -m benchmarks.locate.certainty_fit`` prints them; they stand in
`napari_hypseg.methods.localizers.certainty`. Beside outlines of the specimen it learns from outlines of what else is
there (beads, holders, walls) in the small ones, so that a wrong box is known when it is seen.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage, optimize

from benchmarks.ct_phantom.phantom import CTPhantom, ct_phantom
from benchmarks.ct_phantom.tube import draw_tube_shape, tube_phantom
from benchmarks.locate.box_scores import box_iou
from napari_hypseg.jobs import quietly
from napari_hypseg.methods.localizers.background_flattening import halve
from napari_hypseg.methods.localizers.beads import without_beads
from napari_hypseg.methods.localizers.certainty import QualityFeatures, quality_features
from napari_hypseg.methods.localizers.outline import outline_mask
from napari_hypseg.methods.localizers.search_region import search_region
from napari_hypseg.methods.localizers.seeds import SAMPLE, enlarge, find_component, place_seeds, visible_texture
from napari_hypseg.methods.localizers.structure_tensor import structure
from napari_hypseg.pipeline.locate import EDGE
from napari_hypseg.pipeline.locate_outline import Outline, learner, outline, refined
from napari_hypseg.pipeline.locate_settings import LocateSettings
from napari_hypseg.volumes.coarse import CoarseVolume, coarsen

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
SMALL, SMALL_EDGES = tuple(range(30_200, 30_208)), (96, 128)
LARGE, LARGE_EDGES = (30_300, 30_301, *range(30_303, 30_307), *range(30_308, 30_313), 30_315, 30_318), (96, 256)
OTHERS, OTHER_EDGE = tuple(range(300, 304)), 128
RIDGE = 0.001
"""What a squared weight costs, in squared errors of a certainty: features that say the same share their weight."""
SMOOTH = 1.0
"""Cells of the halved grid: blur of the structure, which stands for the evidence of a localizer."""
AWAY = 3
"""Cells of the halved grid between a specimen and what is taken for one in its stead."""
LEARN = learner(LocateSettings().outline_steps, 0, torch.device("cpu"))


def outlines() -> Iterator[tuple[CTPhantom, Outline | None]]:
    """What is fitted on, one after the other."""
    for seed in SMALL:
        made = tube_phantom(draw_tube_shape(seed, SMALL_EDGES), seed)
        yield made, specimen_outline(made)
        yield made, other_outline(made)
    for seed in LARGE:
        made = tube_phantom(draw_tube_shape(seed, LARGE_EDGES), seed)
        yield made, specimen_outline(made)
    for seed in OTHERS:
        made = ct_phantom((OTHER_EDGE,) * 3, seed)
        yield made, specimen_outline(made)


def specimen_outline(made: CTPhantom) -> Outline:
    """The outline that is found, with structure in place of a localizer's evidence."""
    region = search_region(quietly(coarsen(made.volume, EDGE)))
    found = quietly(outline(region, ndimage.gaussian_filter(structure(region.copy), SMOOTH), LEARN))
    return found if region.body is not None else quietly(refined(made.volume, found, EDGE, LEARN))


def other_outline(made: CTPhantom) -> Outline | None:
    """The outline of the most conspicuous piece beside the specimen; None where there is none."""
    copy = search_region(quietly(coarsen(made.volume, EDGE))).copy
    beside = ~ndimage.binary_dilation(_on_halved_grid(made.mask, copy), iterations=AWAY)
    varied = visible_texture(copy) & beside
    if not varied.any():
        return None
    piece = find_component(varied, structure(copy))
    seeds = enlarge(place_seeds(piece, halve(copy).valid), copy.grid)
    sure = quietly(LEARN(copy, seeds))
    mask = outline_mask(sure, seeds == SAMPLE, copy)
    if not mask.any():
        return None
    return Outline(copy, (0, 0, 0), enlarge(piece, copy.grid), sure, without_beads(mask, copy.data))


def fit_weights(features: Sequence[QualityFeatures], ious: Sequence[float]) -> tuple[float, tuple[float, ...]]:
    """Bias and weights, none below 0, whose logistic function comes nearest to the IoUs in the least squares."""
    told = np.array([astuple(one) for one in features], dtype=np.float64)
    truth = np.asarray(ious, dtype=np.float64)

    def cost(weights: Array) -> float:
        said = 1 / (1 + np.exp(-weights[0] - told @ weights[1:]))
        return float(np.square(said - truth).mean() + RIDGE * np.square(weights[1:]).mean())

    count = told.shape[1]
    found = optimize.minimize(cost, np.zeros(count + 1), bounds=[(None, None)] + [(0, None)] * count)
    return float(found.x[0]), tuple(float(weight) for weight in found.x[1:])


def main() -> None:
    """Measure and fit."""
    features, ious = list[QualityFeatures](), list[float]()
    for made, found in outlines():
        if found is None or not found.mask.any():
            continue
        features.append(quality_features(found.copy, found.piece, found.sure, found.mask))
        ious.append(box_iou(found.box, made.box))
        _say(made.volume.name, *(f"{value:.2f}" for value in astuple(features[-1])), f"IoU {ious[-1]:.3f}")
    bias, weights = fit_weights(features, ious)
    _say(f"bias {bias:.2f}", *(f"{one.name} {w:.2f}" for one, w in zip(fields(QualityFeatures), weights, strict=True)))


def _say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def _on_halved_grid(specimen: Mask, copy: CoarseVolume) -> Mask:
    """Cells of the halved grid of a copy that hold some of a specimen (z, y, x)."""
    halved = halve(copy)
    held = np.zeros(halved.grid, dtype=np.bool_)
    index = np.argwhere(specimen) // np.array(halved.factors)
    held[tuple(np.minimum(index, np.array(halved.grid) - 1).T)] = True
    return held


if __name__ == "__main__":
    main()
