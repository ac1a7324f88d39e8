"""The quick form: ratios of processor time that stay the same beside other work, so that a slower stage is noticed.

Wall time of stages that use several cores moves with whatever else the cores do. Here everything runs on one core, what
is compared takes turns, processor time is counted, and of each piece of work its least time over all rounds.
"""

import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.reporting.stage_message import StageMessage
from benchmarks.speed.alternatives import clustering_work, slic_and_ward_work
from benchmarks.speed.mirrored_phantom import CELL, write_mirrored_phantom
from benchmarks.speed.records import SpeedRecord
from benchmarks.speed.reference_work import reference_work
from benchmarks.speed.stage_times import StageTimes
from napari_hypseg.io.opening import open_volume
from napari_hypseg.jobs import Job, quietly
from napari_hypseg.jobs.worker_pool import at_most_cores
from napari_hypseg.pipeline.learn import learn
from napari_hypseg.pipeline.segment import segment
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes.specimen import Specimen

ROUNDS = 3
LEAVES = 256
POINTS = 40_000
CROP = 48
REFERENCE, SLIC, CURVED, FLAT, LEARN = "reference", "SLIC", "hyperbolic k-means", "k-means", "scikit-learn"
PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "regions and touch": ("regions", "touch"),
        "encode": ("encode",),
        "describe, leaves and context": ("describe", "leaves", "context"),
        "merge, cluster and tree": ("merge", "cluster", "tree"),
    }
)
"""Stages that are compared together: alone some are too short to be told from chance."""

Times: TypeAlias = dict[str, float]
Work: TypeAlias = Callable[[], object]


def quick_job(command: str, machine: str, rounds: int = ROUNDS, edge: int = CELL) -> Job[SpeedRecord]:
    """Measure processor time on one core; yields `StageMessage`.

    Raises
    ------
    HypsegError
        If there is no room for the volume.
    """
    least: Times = {}
    with tempfile.TemporaryDirectory() as name, at_most_cores(1), threadpool_limits(1):
        yield StageMessage(f"{edge}³ voxels on one core")
        project = _learned(Path(name), edge)
        grey = np.load(Path(name) / "volume.npy")[(slice(0, CROP),) * 3]
        works = {SLIC: slic_and_ward_work(grey), **_clustering()}
        for number in range(rounds):
            yield StageMessage(f"round {number + 1} of {rounds}")
            _note(least, _segmenting(project))
            for each, work in works.items():
                _note(least, {REFERENCE: _seconds(reference_work)})
                _note(least, {each: _seconds(work)})
        project.close()
    stages = {stage: least[stage] for stage in least if stage not in {REFERENCE, *works}}
    return SpeedRecord(edge, stages, {}, _ratios(least), 0.0, command=command, machine=machine)


def _learned(folder: Path, edge: int) -> Project:
    """A project that has learned next to nothing: regions take as long whatever was learned."""
    write_mirrored_phantom(folder / "volume.npy", edge)
    settings = RunSettings.check({"training": {"steps": 1, "device": "cpu"}, "leaves": {"leaves": LEAVES}})
    project = Project.create(folder / "run", [Specimen(open_volume(folder / "volume.npy"))], settings)
    quietly(learn(project))
    return project


def _clustering() -> dict[str, Work]:
    flat, curved, learned = clustering_work(POINTS)
    return {FLAT: flat, CURVED: curved, LEARN: learned}


def _segmenting(project: Project) -> Times:
    times = StageTimes(clock=time.process_time)
    times.drive(segment(project), "prepare")
    return times.seconds


def _seconds(work: Work) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _note(least: Times, found: Times) -> None:
    for name, seconds in found.items():
        least[name] = min(seconds, least.get(name, seconds))


def _ratios(least: Times) -> Times:
    """The reference over parts of segmenting, and what would be run instead over ours."""
    reference = {f"reference / {name}": least[REFERENCE] / _of(least, parts) for name, parts in PARTS.items()}
    every = _of(least, tuple(stage for parts in PARTS.values() for stage in parts))
    return {
        **reference,
        f"SLIC and Ward of {CROP}³ / segmenting": least[SLIC] / every,
        "scikit-learn / k-means": least[LEARN] / least[FLAT],
        "flat / hyperbolic k-means": least[FLAT] / least[CURVED],
    }


def _of(least: Times, stages: tuple[str, ...]) -> float:
    return sum(least[stage] for stage in stages)
