"""Segmenting a volume as people do, and timing every stage and what that is compared with."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from benchmarks.reporting.stage_message import StageMessage
from benchmarks.speed.alternatives import (
    curved_kmeans,
    per_voxel_patches,
    scikit_learn_kmeans,
    slic_and_ward,
    slider_step,
)
from benchmarks.speed.floors import floor_of
from benchmarks.speed.machine_rates import MachineRates
from benchmarks.speed.mirrored_phantom import write_mirrored_phantom
from benchmarks.speed.records import SpeedRecord
from benchmarks.speed.stage_times import StageTimes
from napari_hypseg.errors import ProjectError
from napari_hypseg.io.opening import open_volume
from napari_hypseg.io.writing import write_labels
from napari_hypseg.jobs import Job, quietly
from napari_hypseg.pipeline.learn import learn
from napari_hypseg.pipeline.segment import segment
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes.specimen import Specimen

STEPS = 12
"""Of learning: regions take as long whatever was learned."""
CROP = 96
"""Edge in voxels of what SLIC is run on."""
REGIONS = 32
POINTS = 1_000_000
"""Points that k-means is compared on."""


def speed_job(edge: int, command: str, machine: str) -> Job[SpeedRecord]:
    """Measure a volume of `edge` voxels along each axis; yields `StageMessage`.

    Raises
    ------
    HypsegError
        If there is no room for it.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield StageMessage(f"{edge}³ voxels: a phantom")
        grey = write_mirrored_phantom(folder / "volume.npy", edge)
        rates = MachineRates.measured()
        yield StageMessage("learning and segmenting")
        project, learning, times = _segmented(folder)
        leaves = np.asarray(project.leaves[0][:])
        yield StageMessage("what would be run instead")
        each = sum(times.seconds.values()) / edge**3
        encoding = times.seconds["encode"] / edge**3
        _export(project, folder, times)
        crop = np.asarray(grey[(slice(0, CROP),) * 3])
        tree = project.hierarchy
        if tree is None:
            raise ProjectError("The segmentation cannot be read again; free space and start anew.")
        slider, times.seconds["cut"] = slider_step(tree, leaves)
        same, inertia = scikit_learn_kmeans(POINTS)
        ratios = {
            "one patch for each voxel / encoding": per_voxel_patches(crop, encoding),
            "SLIC and Ward / segmenting": slic_and_ward(crop, each * crop.size),
            "scikit-learn / k-means": same,
            "inertia of scikit-learn / of k-means": inertia,
            "flat / hyperbolic k-means": curved_kmeans(POINTS),
            "rewriting labels / a step of the slider": slider,
        }
    return SpeedRecord(
        edge,
        times.seconds,
        _floors(times.seconds, edge**3, tree.n_leaves, rates),
        ratios,
        learning,
        command=command,
        machine=machine,
    )


def _segmented(folder: Path) -> tuple[Project, float, StageTimes]:
    """A segmented project, the voxels a second that were learned from, and what each stage took."""
    settings = RunSettings.check({"training": {"steps": STEPS, "device": "cpu"}})
    project = Project.create(folder / "run", [Specimen(open_volume(folder / "volume.npy"))], settings)
    started = time.perf_counter()
    quietly(learn(project))
    training = settings.training
    learning = STEPS * training.batch * training.crop**3 / (time.perf_counter() - started)
    times = StageTimes()
    times.drive(segment(project), "prepare")
    project.reload()
    return project, learning, times


def _export(project: Project, folder: Path, times: StageTimes) -> None:
    started = time.perf_counter()
    write_labels(folder / "labels.mrc", project.label_image(project.cut(REGIONS)))
    times.seconds["export"] = time.perf_counter() - started


def _floors(seconds: Mapping[str, float], voxels: int, leaves: int, rates: MachineRates) -> dict[str, float]:
    """The least seconds of the stages for which they can be named."""
    return dict(_known(seconds, voxels, leaves, rates))


def _known(seconds: Mapping[str, float], voxels: int, leaves: int, rates: MachineRates) -> Iterator[tuple[str, float]]:
    for stage in seconds:
        floor = floor_of(stage, voxels, leaves, rates)
        if floor is not None:
            yield stage, floor.seconds
