"""Whether an encoder that learned to put slices in order helps the segmentation.

Its embeddings are joined to the points that the default method puts in leaves, learned from the same volume. So that
one sees what does it, the points are also clustered as the product does, alone as vectors, and with the embeddings of
an encoder that learned nothing. Only the clustering differs: each volume is learned from once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from benchmarks.locate.annotated_phantoms import LABELLED, Labelled
from benchmarks.reporting.stage_message import StageMessage
from napari_hypseg.jobs import Job, quietly
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes.coarse import coarsen
from napari_hypseg.volumes.specimen import Specimen

if TYPE_CHECKING:
    from torch import Tensor

    from napari_hypseg.geometry.manifolds.manifold import Manifold

Device = Literal["auto", "cuda", "mps", "cpu"]
FIRST_SEED = 50_000
DEFAULT = "default method"
VECTORS = "its points as vectors"
UNTRAINED = "joined, encoder untrained"
SORTING = "joined, encoder learned to sort"


@dataclass(frozen=True)
class PretrainingPlan:
    """How much is compared.

    Parameters
    ----------
    edge
        Voxels along an edge of a volume.
    count
        Volumes of each kind.
    steps
        Of learning of the segmentation method.
    leaves
        Of the tree.
    shares
        Of the joined embeddings in the total variance; each is tried.
    sorting_steps
        Of learning of the slice encoder; None for the localizer's default.
    """

    edge: int
    count: int
    steps: int
    leaves: int = 256
    shares: tuple[float, ...] = (0.2, 0.5)
    sorting_steps: int | None = None


FULL_PRETRAINING = PretrainingPlan(64, 3, 120)
QUICK_PRETRAINING = PretrainingPlan(48, 1, 5, 32, (0.5,), 5)


@dataclass(frozen=True)
class TreeScore:
    """What the tree over one volume is worth.

    Parameters
    ----------
    kind
        What the volume shows, of `LABELLED`.
    seed
        Of the volume and of all learning.
    variant, share
        What was clustered, and the share of the embeddings in it.
    dice
        Best-node Dice by name of the group.
    """

    kind: str
    seed: int
    variant: str
    share: float | None
    dice: Mapping[str, float]


def pretraining_scores(plan: PretrainingPlan, device: Device) -> Job[list[TreeScore]]:
    """Compare in `plan.count` volumes of each kind.

    Raises
    ------
    HypsegError
        If the device cannot be used.
    """
    scores = []
    for kind, make in LABELLED.items():
        for seed in range(FIRST_SEED, FIRST_SEED + plan.count):
            yield StageMessage(
                f"Slice embeddings for the segmentation: {kind}, {seed - FIRST_SEED + 1} of {plan.count}"
            )
            scores += yield from _compare(kind, seed, make(plan.edge, seed), plan, device)
    return scores


def _compare(kind: str, seed: int, labelled: Labelled, plan: PretrainingPlan, device: Device) -> Job[list[TreeScore]]:
    """Learn from one volume, and cluster it in every variant."""
    from benchmarks.locate.joined_embeddings import joined, learned_points, seen_from_origin
    from benchmarks.locate.tree_score import group_dice
    from napari_hypseg.geometry.manifolds.euclidean import Euclidean

    settings = RunSettings.check({"training": {"steps": plan.steps, "seed": seed, "device": device}})
    points, manifold = yield from learned_points(Specimen(labelled.volume), settings)
    vectors = seen_from_origin(points, manifold)
    clustered: list[tuple[str, float | None, Tensor, Manifold]]
    clustered = [(DEFAULT, None, points, manifold), (VECTORS, None, vectors, Euclidean())]
    for variant, steps in ((UNTRAINED, 0), (SORTING, plan.sorting_steps)):
        features = yield from _features(labelled, seed, steps, device)
        clustered += [(variant, share, joined(vectors, features, share), Euclidean()) for share in plan.shares]
    scores = []
    for variant, share, where, space in clustered:
        dice = yield from group_dice(where, space, labelled, plan.leaves, seed)
        scores.append(TreeScore(kind, seed, variant, share, dice))
    return scores


def _features(labelled: Labelled, seed: int, steps: int | None, device: Device) -> "Job[Tensor]":
    """Embeddings of each voxel by an encoder that learned to sort for `steps` steps; None for the default."""
    from benchmarks.locate.joined_embeddings import superpixels
    from napari_hypseg.methods.localizers.slice_settings import SortingSettings
    from napari_hypseg.methods.localizers.slice_sorter import SliceSorter, tensor_of
    from napari_hypseg.pipeline.locate import EDGE
    from napari_hypseg.training.device import resolve_device

    where = resolve_device(device)
    copy = quietly(coarsen(labelled.volume, EDGE))
    sorter = SliceSorter(SortingSettings.check({"seed": seed, **({"steps": steps} if steps else {})}), 1)
    if steps != 0:
        yield from sorter.fit([copy], where)
    return superpixels(sorter.encoder.to(where), tensor_of(copy, where), labelled.volume.shape)
