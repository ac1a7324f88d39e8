"""Seconds that each job takes on a scene, and the longest time it says nothing."""

import itertools
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.structures.scene import Scene
from napari_hypseg.jobs import Job, Notice, drive
from napari_hypseg.structures.instances import Instances, InstanceSettings, instances_job
from napari_hypseg.structures.measured_objects import DistanceTarget, MeasuredGroup, MeasuredObject, MeasuredPlace
from napari_hypseg.structures.measurement_table import MeasurementTable
from napari_hypseg.structures.measurements import measure_job
from napari_hypseg.structures.surface_mesh import SurfaceSettings, surface_mesh_job

VOXEL_SIZE = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Timing:
    """How long a job took.

    Parameters
    ----------
    name
        What was done.
    seconds
        Median of the repeats.
    silence
        Longest time between two reports of progress, in seconds.
    """

    name: str
    seconds: float
    silence: float


def count_and_measure(made: Scene, settings: InstanceSettings, target: DistanceTarget | None) -> Job[MeasurementTable]:
    """Split the objects of a scene and measure each piece, as `hypseg measure --instances` does."""
    found: Instances = yield from instances_job(made.objects, VOXEL_SIZE, settings)
    rows = tuple(MeasuredObject(number, number, "object") for number in range(1, found.count + 1))
    place = MeasuredPlace(VOXEL_SIZE, channels=(made.grey,))
    return (yield from measure_job([MeasuredGroup(found.data, rows, found.data.box)], place, target))


def jobs(made: Scene) -> Mapping[str, Callable[[], Job[Any]]]:
    """What is timed, by what it is called."""
    target = DistanceTarget("membrane", made.membrane)
    touching = InstanceSettings(split_touching=True)
    return {
        "pieces found and measured": lambda: count_and_measure(made, InstanceSettings(), None),
        "the same, with the distance to a membrane": lambda: count_and_measure(made, InstanceSettings(), target),
        "the same, touching ones parted first": lambda: count_and_measure(made, touching, target),
        "one surface of all": lambda: surface_mesh_job(made.objects, VOXEL_SIZE, (0, 0, 0), SurfaceSettings()),
    }


def timings_job(made: Scene, repeats: int) -> Job[list[Timing]]:
    """Time each of `jobs`, with a `Notice` before each.

    Raises
    ------
    AssertionError
        If a job counts other than the scene says.
    """
    found = []
    for name, start in jobs(made).items():
        yield Notice(name)
        runs = [_timed(start()) for _ in range(repeats)]
        for result, _, _ in runs:
            if isinstance(result, MeasurementTable) and len(result) != made.count:
                raise AssertionError(f"{name}: {len(result)} objects were counted, but there are {made.count}.")
        seconds = statistics.median(seconds for _, seconds, _ in runs)
        found.append(Timing(name, seconds, statistics.median(silence for _, _, silence in runs)))
    return found


def _timed(job: Job[Any]) -> tuple[Any, float, float]:
    reports = [time.perf_counter()]
    result = drive(job, lambda event: reports.append(time.perf_counter()))
    reports.append(time.perf_counter())
    return result, reports[-1] - reports[0], max(_steps(reports))


def _steps(reports: list[float]) -> Iterator[float]:
    return (after - before for before, after in itertools.pairwise(reports))
