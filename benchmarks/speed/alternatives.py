"""What a person would run instead, in the same process: each gives how many times longer it takes."""

import time
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.speed.machine_rates import median_seconds
from napari_hypseg.clustering.kmeans import kmeans
from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.jobs import quietly
from napari_hypseg.methods.registry import get_method

Floats = npt.NDArray[np.float32]

PATCH_EDGE = 16
"""Edge in voxels of the crop on which patches are encoded one for each voxel."""
K, DIM = 256, 16
"""Centroids and features of the points that k-means is compared on."""
ITERATIONS = 5
SPREAD = 0.3
REGIONS = 32
SLIC_VOXELS = 1000
"""Of a supervoxel, on average, as ours have."""


def per_voxel_patches(grey: Floats, ours: float) -> float:
    """One patch for each voxel (Hsu et al. 2021) over `ours`, the seconds a voxel of encoding."""
    torch.manual_seed(0)
    method = get_method("hsu2021")
    model = method.build(method.settings(), 1, (1.0, 1.0, 1.0)).eval()
    z, y, x = (PATCH_EDGE + 2 * reach for reach in model.halo)
    crop = torch.from_numpy(grey[None, None, :z, :y, :x].copy())
    with torch.inference_mode():
        return median_seconds(lambda: model.embed(crop), repeats=1) / PATCH_EDGE**3 / ours


def slic_and_ward(grey: Floats, ours: float) -> float:
    """SLIC, means of its regions and Ward's tree over them, over `ours`, the seconds of segmenting `grey`."""
    work, started = slic_and_ward_work(grey), time.perf_counter()
    work()
    return (time.perf_counter() - started) / ours


def slic_and_ward_work(grey: Floats) -> Callable[[], object]:
    """SLIC, means of its regions and Ward's tree over them."""
    from scipy.cluster.hierarchy import ward
    from skimage.segmentation import slic

    def work() -> None:
        count = grey.size // SLIC_VOXELS
        cells = slic(grey, n_segments=count, compactness=0.1, channel_axis=None, start_label=0).ravel()
        sizes = np.bincount(cells)
        means = np.bincount(cells, grey.ravel())[sizes > 0] / sizes[sizes > 0]
        ward(means[:, None])

    return work


def scikit_learn_kmeans(n: int) -> tuple[float, float]:
    """k-means of scikit-learn over ours, and its inertia over ours, from the same start in as many rounds."""
    from sklearn.cluster import KMeans

    points = _points(n)
    start = points[:K].clone()
    flat = Euclidean()
    generator = torch.Generator().manual_seed(0)
    ours = quietly(kmeans(points, K, flat, generator, ITERATIONS, init=start)).points
    seconds = median_seconds(lambda: quietly(kmeans(points, K, flat, generator, ITERATIONS, init=start)), repeats=3)
    theirs = KMeans(K, init=start.numpy(), n_init=1, max_iter=ITERATIONS, tol=0, algorithm="lloyd")
    data = points.numpy()
    their_seconds = median_seconds(lambda: _fit(theirs, data), repeats=3)
    inertia = float(torch.cat([torch.cdist(part, ours).amin(1).square() for part in points.split(10_000)]).sum())
    return their_seconds / seconds, float(theirs.inertia_) / inertia


def curved_kmeans(n: int) -> float:
    """k-means in flat space over that in hyperbolic space, of as many rounds."""
    flat = _points(n)
    ball = PoincareBall(1.0)
    return _rounds(flat, Euclidean()) / _rounds(ball.expmap0(flat), ball)


def clustering_work(n: int) -> tuple[Callable[[], object], Callable[[], object], Callable[[], object]]:
    """k-means of `n` points in flat and in hyperbolic space, and that of scikit-learn, of as many rounds."""
    from sklearn.cluster import KMeans

    flat, ball = _points(n), PoincareBall(1.0)
    theirs = KMeans(K, init=flat[:K].numpy(), n_init=1, max_iter=ITERATIONS, tol=0, algorithm="lloyd")
    own = (_clustered(flat, Euclidean()), _clustered(ball.expmap0(flat), ball))
    return *own, partial(_fit, theirs, flat.numpy())


def slider_step(tree: Hierarchy, leaves: npt.NDArray[np.uint16]) -> tuple[float, float]:
    """Rewriting the labels of a volume over making the table of a step, and the seconds of the table."""
    table = lookup(tree, cut_at(tree, min(REGIONS, tree.n_leaves)))
    seconds = median_seconds(lambda: lookup(tree, cut_at(tree, min(REGIONS, tree.n_leaves))))
    return median_seconds(lambda: table[leaves]) / seconds, seconds


def _points(n: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    middles = torch.randn(3 * K, DIM, generator=generator)
    noise = torch.randn(n, DIM, generator=generator)
    return SPREAD * (middles[torch.randint(0, 3 * K, (n,), generator=generator)] + SPREAD * noise)


def _rounds(points: torch.Tensor, manifold: Manifold) -> float:
    return median_seconds(_clustered(points, manifold), repeats=3)


def _clustered(points: torch.Tensor, manifold: Manifold) -> Callable[[], object]:
    generator, start = torch.Generator().manual_seed(0), points[:K].clone()
    return lambda: quietly(kmeans(points, K, manifold, generator, ITERATIONS, init=start))


def _fit(model: object, data: Floats) -> None:
    getattr(model, "fit")(data)  # noqa: B009 -- scikit-learn is not typed
