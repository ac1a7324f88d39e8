"""All that makes leaves and a tree of a specimen: features without learning, and each method as people run it."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np
from torch import Tensor

from benchmarks.segmentation.features import COMPUTED, FEATURES, FLAT
from benchmarks.segmentation.run_spec import RunBudget
from benchmarks.segmentation.supervoxels import supervoxel_tree
from benchmarks.segmentation.tiled_features import tiled_features
from benchmarks.segmentation.tree_of_points import Segmented, segmented
from benchmarks.segmentation.window_clusters import CLUSTERERS, CLUSTERS, DESCRIPTIONS, window_clusters
from napari_hypseg.errors import ProjectError, SettingError
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.methods.registry import methods
from napari_hypseg.pipeline.run import run
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes.specimen import Specimen


@dataclass(frozen=True)
class TreeMaker:
    """One way from a specimen to leaves and their trees.

    Parameters
    ----------
    name
        Word of the command.
    learns
        Whether it learns from the specimen.
    make
        Job that gives leaf ids uint16 (z, y, x), 0 outside, and the trees by name, from a specimen, a budget and a
        seed.
    leaves
        How many there always are; None where the budget says.
    """

    name: str
    learns: bool
    make: Callable[[Specimen, RunBudget, int], Job[Segmented]]
    leaves: int | None = None


def tree_makers() -> dict[str, TreeMaker]:
    """All there are, by name: features first, then the methods, the default before the others, then what others use."""
    every = [TreeMaker(name, False, partial(_by_features, name)) for name in FEATURES]
    every += [TreeMaker(name, True, partial(_by_method, name)) for name in methods()]
    every.append(TreeMaker("slic", False, supervoxel_tree))
    every += [
        TreeMaker(f"{description}-{clusterer}", False, partial(window_clusters, description, clusterer), CLUSTERS)
        for description in DESCRIPTIONS
        for clusterer in CLUSTERERS
    ]
    return {one.name: one for one in every}


def get_tree_maker(name: str) -> TreeMaker:
    """The one called `name`.

    Raises
    ------
    SettingError
        Naming those there are.
    """
    there = tree_makers()
    if name not in there:
        raise SettingError(f"There is no method {name!r}; choose one of: {', '.join(there)}.")
    return there[name]


def usual_tree_makers() -> tuple[str, ...]:
    """All features, and the method that people get who name none."""
    return (*FEATURES, str(RunSettings.model_fields["method"].default))


def run_settings(name: str, run_budget: RunBudget, seed: int) -> RunSettings:
    """Settings of a run of the method `name`.

    Raises
    ------
    SettingError
        If one is not allowed.
    """
    training = {"minutes": run_budget.minutes, "steps": run_budget.steps, "device": run_budget.device, "seed": seed}
    return RunSettings.check({"method": name, "training": training, "leaves": {"leaves": run_budget.leaves}})


def _whole(name: str, specimen: Specimen) -> Job[Tensor]:
    yield Progress("features", 0, 1)
    return FEATURES[name](specimen)


POINTS: Mapping[str, Callable[[Specimen], Job[Tensor]]] = MappingProxyType(
    {
        **{name: partial(_whole, name) for name in FEATURES},
        # The one that does not fit in memory. Total variation must not be tiled: how long it is lowered depends on
        # all that it is lowered in, so that tiles would differ from the whole.
        "filter-bank": partial(tiled_features, COMPUTED["filter-bank"]),
    }
)
"""Job that gives features (z, y, x, f) of a specimen, by name."""


def _by_features(name: str, specimen: Specimen, run_budget: RunBudget, seed: int) -> Job[Segmented]:
    features = yield from POINTS[name](specimen)
    return (yield from segmented(features, FLAT, specimen, run_budget.leaves, seed))


def _by_method(name: str, specimen: Specimen, run_budget: RunBudget, seed: int) -> Job[Segmented]:
    """Learn from the specimen and segment it, in a project as anybody would."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project.create(Path(folder) / "run", [specimen], run_settings(name, run_budget, seed))
        yield from run(project)
        project.reload()
        if project.hierarchy is None:
            raise ProjectError(f"The segmentation by {name} cannot be read again; free space and start anew.")
        return np.asarray(project.leaves[0][:]), dict(project.hierarchies)
