"""The trees over one set of leaves, in one registry: what is part of what, and what is of one kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from napari_hypseg.errors import SettingError
from napari_hypseg.geometry.metric import Metric
from napari_hypseg.hierarchy.comparable_features import comparable_features
from napari_hypseg.hierarchy.kinds_tree import kinds_tree
from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.hierarchy.parts_tree import parts_tree
from napari_hypseg.hierarchy.tree import KINDS, PARTS, Hierarchy
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.supervoxels.feature_weights import WEIGHTS, FeatureWeights

DEFAULT_TREE = PARTS
"""Name of the tree that is cut unless another one is asked for."""


@dataclass(frozen=True)
class TreeKind:
    """A way to group leaves.

    Parameters
    ----------
    name
        For commands and files.
    description
        What a node of it is, in words that follow "group by".
    needs
        Fields of `LeafFeatures` that it cannot be made without.
    build
        Job that makes it; the metric is that of the leaves' points, the weights are those of what is beside them.
    """

    name: str
    description: str
    needs: tuple[str, ...]
    build: Callable[[LeafFeatures, Metric, FeatureWeights], Job[Hierarchy]]


TREES: Mapping[str, TreeKind] = MappingProxyType(
    {
        PARTS: TreeKind(PARTS, "what is part of what", ("factors",), parts_tree),
        KINDS: TreeKind(KINDS, "what is of one kind, wherever it lies", ("descriptors",), kinds_tree),
    }
)


def build_hierarchies(features: LeafFeatures, metric: Metric, n_specimens: int = 1) -> Job[dict[str, Hierarchy]]:
    """All trees that can be made of `features`, by name, in the order of `TREES`.

    Each holds the points of the leaves and their voxels. Yields `Progress` of the stage ``"tree"``.

    Parameters
    ----------
    features
        Of the leaves; a tree whose needs are None is left out.
    metric
        Of the points of the leaves.
    n_specimens
        That the leaves are of; see `comparable_features`.
    """
    compared, its_metric = comparable_features(features, metric, n_specimens)
    kinds = [kind for kind in TREES.values() if all(getattr(features, name) is not None for name in kind.needs)]
    built = dict[str, Hierarchy]()
    for kind in kinds:
        tree = yield from _part_of(kind.build(compared, its_metric, WEIGHTS), len(built), len(kinds))
        built[kind.name] = replace(tree, name=kind.name, first=built.get(PARTS), points=features.points)
    return built


def tree_named(hierarchies: Mapping[str, Hierarchy], name: str) -> Hierarchy:
    """One of the trees over some leaves.

    Raises
    ------
    SettingError
        If it is not there.
    """
    if name in hierarchies:
        return hierarchies[name]
    if name in TREES:
        raise SettingError(f"These regions have no tree of {name} yet; make it with: hypseg regroup NAME.hypseg")
    raise SettingError(f"There is no tree {name!r}; choose one of {', '.join(TREES)}.")


def _part_of(job: Job[Hierarchy], number: int, count: int) -> Job[Hierarchy]:
    """A job as number `number` of `count` that take about as long, in what it says of its progress."""
    answer = None
    while True:
        try:
            event = job.send(answer)
        except StopIteration as finished:
            tree: Hierarchy = finished.value
            return tree
        if isinstance(event, Progress) and event.total is not None:
            event = replace(event, step=event.step + number * event.total, total=count * event.total)
        answer = yield event
