"""A small tree, a volume of its leaves, and a person who edits at random."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.geometry.metric import EUCLIDEAN
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy
from napari_hypseg.hierarchy.tree import KINDS, Hierarchy
from napari_hypseg.structures.edits import (
    AddLeaves,
    BaseEdit,
    CloseRegion,
    CorrectStructure,
    DivideStructure,
    LockStructure,
    MakeStructure,
    MarkJunk,
    MergeStructures,
    MoveStructure,
    OpenRegion,
    PaintVoxels,
    RecolourStructure,
    RemoveStructure,
    RenameStructure,
    ResetRegions,
    ShowStructure,
    SplitStructure,
    TakeLeaves,
)
from napari_hypseg.structures.history import History
from napari_hypseg.structures.leaf_ranges import to_ranges
from napari_hypseg.structures.voxel_runs import encode_runs, runs_of

SHAPE = (20, 40, 36)
N_LEAVES = 30
RED = (0.8, 0.2, 0.2)


@pytest.fixture
def tree() -> Hierarchy:
    rng = np.random.default_rng(5)
    points = rng.normal(size=(N_LEAVES, 3)).astype(np.float32)
    return build_hierarchy(points, rng.integers(1, 100, N_LEAVES), EUCLIDEAN, "ward")


@pytest.fixture
def other_tree(tree) -> Hierarchy:
    """Another tree over the same leaves."""
    points = np.random.default_rng(6).normal(size=(N_LEAVES, 3)).astype(np.float32)
    return replace(build_hierarchy(points, tree.sizes[:N_LEAVES], EUCLIDEAN, "ward"), name=KINDS, first=tree)


@pytest.fixture
def trees(tree) -> dict[str, Hierarchy]:
    return {"parts": tree}


@pytest.fixture
def history(trees) -> History:
    return History(N_LEAVES, trees)


@pytest.fixture
def leaves() -> np.ndarray:
    """Leaf ids (z, y, x), 0 in a margin."""
    ids = np.random.default_rng(6).integers(1, N_LEAVES + 1, SHAPE).astype(np.uint16)
    ids[:2] = 0
    return ids


@pytest.fixture
def make(history) -> Callable[..., int]:
    """Make a structure and give its id: ``make("shell", [0, 1], parent=None)``."""

    def made(name: str, leaves: list[int], parent: int | None = None) -> int:
        history.do(MakeStructure(name=name, colour=RED, parent=parent, leaves=to_ranges(leaves)))
        return history.annotation.next_id - 1

    return made


def random_edit(rng: np.random.Generator, history: History, tree: Hierarchy) -> BaseEdit:
    """One of all kinds of edits, of which some are impossible."""
    ids = list(history.annotation.structures) or [1]
    one, other = (int(rng.choice(ids)) for _ in range(2))
    node = int(rng.integers(0, tree.root + 1))
    some = to_ranges(tree.leaves_of(node))
    voxels = encode_runs(runs_of(rng.integers(0, int(np.prod(SHAPE)), 40)))
    name = f"structure {rng.integers(0, 40)}"
    halves = [to_ranges(part) for part in np.array_split(rng.permutation(N_LEAVES), 2)]
    kinds = (
        lambda: MakeStructure(name=name, colour=RED, parent=one if rng.random() < 0.4 else None, leaves=some),
        lambda: AddLeaves(structure=one, leaves=some, tree="parts", nodes=(node,)),
        lambda: TakeLeaves(structure=one, leaves=some),
        lambda: CorrectStructure(structure=one, added=halves[0], taken=some, origin="another project"),
        lambda: RenameStructure(structure=one, name=name),
        lambda: RecolourStructure(structure=one, colour=tuple(rng.random(3).tolist())),
        lambda: ShowStructure(structure=one, visible=bool(rng.integers(2))),
        lambda: LockStructure(structure=one, locked=rng.random() < 0.3),
        lambda: MoveStructure(structure=one, parent=other if rng.random() < 0.6 else None),
        lambda: RemoveStructure(structure=one),
        lambda: MergeStructures(structure=one, into=other),
        lambda: SplitStructure(
            structure=one, parts=halves, names=(f"{name} a", f"{name} b"), colours=(RED, RED)
        ),
        lambda: PaintVoxels(structure=one if rng.random() < 0.7 else None, specimen=0, shape=SHAPE, voxels=voxels),
        lambda: DivideStructure(structure=one, name=name, colour=RED, specimen=0, shape=SHAPE, voxels=voxels),
        lambda: MarkJunk(
            structure=one, specimen=0, places=tuple(map(tuple, rng.integers(0, 3, (2, 3)).tolist())),
            junk=bool(rng.integers(2)),
        ),
        lambda: OpenRegion(tree="parts", node=node),
        lambda: CloseRegion(tree="parts", node=node),
        lambda: ResetRegions(tree="parts"),
    )  # fmt: skip
    weights = np.array([4, 4, 2, 1, 1, 1, 1, 1, 1, 0.5, 0.5, 1, 3, 1, 1, 2, 2, 0.3])
    return kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]()


def edit_at_random(seed: int, n_edits: int, history: History, tree: Hierarchy) -> None:
    """Do `n_edits` edits that are possible."""
    rng = np.random.default_rng(seed)
    while len(history.done) < n_edits:
        try:
            history.do(random_edit(rng, history, tree))
        except SettingError:
            continue


@pytest.fixture(scope="session")
def ellipsoid() -> Callable[..., np.ndarray]:
    """Solid ellipsoid on a grid: shape, centre in voxels, semi-axes and voxel size in world units."""

    def make(shape, centre, radii, voxel_size=(1.0, 1.0, 1.0)):
        grid = np.ogrid[tuple(slice(n) for n in shape)]
        parts = zip(grid, centre, np.broadcast_to(radii, 3), voxel_size, strict=True)
        return sum(((g - c) * edge / r) ** 2 for g, c, r, edge in parts) <= 1

    return make
