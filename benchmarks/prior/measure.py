"""Label maps of two brains, the image of a third, and how well each way to bring the labels to the image works."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.prior.borders import Borders, compare_borders
from napari_hypseg.io.label_names import read_label_names
from napari_hypseg.io.opening import open_volume
from napari_hypseg.jobs import Job
from napari_hypseg.methods.anatomical import METHOD
from napari_hypseg.pipeline.label_maps import LabelChoice
from napari_hypseg.pipeline.learn_prior import learn_prior
from napari_hypseg.training.loop import train
from napari_hypseg.training.prior_file import AnatomicalPrior, save_prior
from napari_hypseg.training.prior_settings import PriorSettings
from napari_hypseg.training.settings import TrainingSettings
from napari_hypseg.volumes import Specimen, Volume
from napari_hypseg.volumes.blocks import read_with_mirror_padding
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.intensity import Intensity, measure_intensity
from napari_hypseg.volumes.registration import resample

MAPS = ("labelmaps_for_simulation/synthseg_brain_01.nii.gz", "labelmaps_for_simulation/synthseg_brain_09.nii.gz")
IMAGE, TRUTH = "mri_t1_freesurfer/t1_norm.nii.gz", "mri_t1_freesurfer/labels.nii.gz"
NAMES = "mri_t1_freesurfer/hierarchy.json"
LEFT_OUT = (24, 25, 30, 57, 62, 72, 85, 136, 137, 163, 164, *range(500, 600))
"""What lies around the brain or is not drawn in all of the files."""
CORTEX = {3: range(11100, 11200), 42: range(12100, 12200)}
"""The truth divides the cortex of each side."""
UNMATCHED = (31, 63, 77, *range(251, 256))
"""Labels of the truth that the maps do not have: plexus, lesions and the parts of the corpus callosum."""
PLANES = 24
LOCATION, DEFAULT = "location prior alone", "location prior and grey values (default)"
UNMIRRORED, UNDEFORMED, FULL = "the same, maps not mirrored", "the same, maps not deformed", "shape adapted, too"
UNSMOOTHED = "the same, neighbours not drawn to one label"
ATLASES = ("atlas 1 by the same alignment", "atlas 2 by the same alignment")
TRUE = "labels of the image itself"
VARIANTS = (*ATLASES, LOCATION, DEFAULT, UNSMOOTHED, UNMIRRORED, UNDEFORMED, FULL, TRUE)
CHANGES: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        **{key: {"steps": 1, "deformation": 0.0, "mirror": False} for key in ATLASES},
        **{key: {"steps": 1} for key in (LOCATION, DEFAULT, UNSMOOTHED)},
        UNMIRRORED: {"steps": 1, "mirror": False},
        UNDEFORMED: {"steps": 1, "deformation": 0.0},
    }
)
"""Settings of learning a prior that differ; without adapting, its network is not used and not learned."""


@dataclass(frozen=True)
class PriorPlan:
    """What is measured.

    Parameters
    ----------
    data
        Folder of the example volumes.
    grid, prior_steps, steps, seed
        As in `PriorRecord`.
    """

    data: Path
    grid: int
    prior_steps: int
    steps: int
    seed: int


@dataclass(frozen=True)
class Labelled:
    """Dice by structure, what the borders are like, and how long the prior and the volume took."""

    dice: Mapping[str, float]
    borders: Borders
    seconds_prior: float
    seconds_volume: float


def label_volume(variant: str, plan: PriorPlan) -> Job[Labelled]:
    """Bring labels to the image by one of `VARIANTS`, and compare with the truth."""
    truth = _truth(plan.data)
    if variant == TRUE:
        return _compared(truth, truth, plan.data, 0.0, 0.0)
    started = time.monotonic()
    maps = [open_volume(plan.data / name) for name in MAPS]
    settings = PriorSettings(grid=plan.grid, steps=plan.prior_steps, seed=plan.seed)
    settings = settings.model_copy(update=dict(CHANGES.get(variant, {})))
    if variant in ATLASES:
        maps = [maps[ATLASES.index(variant)]]
    prior = yield from learn_prior(maps, settings, LabelChoice(leave_out=LEFT_OUT))
    learned = time.monotonic()
    volume = open_volume(plan.data / IMAGE)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "brain.hypprior"
        save_prior(path, prior)
        model, intensity = yield from _explained(path, volume, variant, plan)
    if variant in (*ATLASES, LOCATION):
        codes = np.array([0, *(label.code for label in prior.labels)])
        affine = model.affine.numpy().astype(np.float64)
        found = codes[resample(model.decoder.most_probable(), affine, volume.shape, nearest=True).astype(np.int64)]
    else:
        found = _labels(model, prior, volume, intensity)
    seconds = time.monotonic() - learned
    return _compared(found, truth, plan.data, learned - started, seconds)


def _explained(path: Path, volume: Volume, variant: str, plan: PriorPlan) -> Job[tuple[Any, Intensity]]:
    """The model of the method, aligned with the volume and trained on it."""
    specimen = Specimen(volume)
    intensity = measure_intensity(specimen)
    torch.manual_seed(plan.seed)
    own = {"smoothness": 0.0} if variant == UNSMOOTHED else {}
    settings = METHOD.settings.check({"prior": str(path), "adapt": variant == FULL, **own})
    model = METHOD.build(settings, 1, volume.voxel_size)
    training = TrainingSettings(**{**METHOD.training, "steps": plan.steps, "seed": plan.seed})
    sampler = yield from METHOD.examples(model, [specimen], [intensity], training)
    if variant not in (*ATLASES, LOCATION):
        yield from train(model, sampler, training, torch.device("cpu"), lambda _: None)
    return model.eval(), intensity


def _labels(model: Any, prior: AnatomicalPrior, volume: Volume, intensity: Intensity) -> npt.NDArray[np.int64]:
    """The code (z, y, x) of the most probable label of each voxel."""
    codes = np.array([0, *(label.code for label in prior.labels)])
    depth, height, width = volume.shape
    made = np.zeros(volume.shape, dtype=np.int64)
    for z in range(0, depth, PLANES):
        box = Box((z, 0, 0), (min(z + PLANES, depth), height, width))
        outer = read_with_mirror_padding(volume, box.grow(model.halo))
        grey = torch.from_numpy(intensity.standardise(outer))[None]
        made[box.slices] = codes[model.embed_at(grey, [box.start])[0].argmax(dim=-1).numpy()]
    return made


def _truth(data: Path) -> npt.NDArray[np.int64]:
    """Codes (z, y, x) of the labels of the image."""
    truth = np.asarray(open_volume(data / TRUTH).channels[0]).astype(np.int64)
    for code, parts in CORTEX.items():
        truth[np.isin(truth, list(parts))] = code
    return truth


def _compared(
    found: npt.NDArray[np.int64], truth: npt.NDArray[np.int64], data: Path, seconds_prior: float, seconds: float
) -> Labelled:
    names = {**read_label_names(data / NAMES), 3: "Left-Cerebral-Cortex", 42: "Right-Cerebral-Cortex"}
    codes = [code for code in np.unique(truth)[1:].tolist() if code not in (*LEFT_OUT, *UNMATCHED)]
    dice = {}
    for code in codes:
        one, other = found == code, truth == code
        dice[names.get(code, str(code))] = float(2 * (one & other).sum() / (one.sum() + other.sum()))
    return Labelled(dice, compare_borders(found, truth, codes), seconds_prior, seconds)
