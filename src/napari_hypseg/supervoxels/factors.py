"""Maximum autocorrelation factors of supervoxels: linear features that vary slowly in space and separate structures.

Of all linear combinations of the features of supervoxels and of their neighbourhoods, those with the largest ratio of
variance over the volume to variance between adjacent supervoxels (Switzer and Green 1984).
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.jobs.worker_pool import worker_pool
from napari_hypseg.supervoxels.edge_keys import Ints

Floats: TypeAlias = npt.NDArray[np.float32]
Matrix: TypeAlias = npt.NDArray[np.float64]

N_FACTORS = 4
STEPS = (1, 2, 4)
"""Distances in the adjacency graph, in steps, at which the features of the neighbourhood are averaged."""
REGULARISATION = 1e-4
"""Added to the variance between adjacent supervoxels, relative to the mean variance."""
ROUNDING = 1e-6
"""Relative to the mean: features that differ by less are the same."""
ROWS_AT_ONCE = 8192
"""What the cache of a core holds."""
WORKING = Progress("cluster", 0, 1)


def autocorrelation_factors(features: Floats, sizes: Ints, specimens: Ints, edges: Ints, areas: Ints) -> Job[Floats]:
    """Factors float32 (r, `N_FACTORS`) of supervoxels, the slowest first; fewer where there are fewer features.

    Features are centred within each specimen: specimens are not adjacent, so that a difference between them would be
    slower than any within. The variances over all voxels sum up to 1; all factors are 0 if all features are equal.
    Yields `Progress` of the stage ``"cluster"``.

    Parameters
    ----------
    features
        float32 (r, d).
    sizes
        int64 (r,); voxels.
    specimens
        int64 (r,); the specimen of each supervoxel, from 0.
    edges, areas
        int64 (m, 2) adjacent supervoxels, each edge once, and int64 (m,) contact areas in faces.
    """
    extended = yield from neighbourhood_features(features, edges, areas)
    extended -= specimen_means(extended, sizes, specimens)[specimens]
    axes = yield from factor_axes(extended, sizes, edges, areas)
    return np.asarray(extended @ axes, dtype=np.float32)


def factor_axes(extended: Floats, sizes: Ints, edges: Ints, areas: Ints) -> Job[Matrix]:
    """Axes float64 (n, `N_FACTORS`) whose products with `extended` are the factors, the slowest first.

    Parameters
    ----------
    extended
        float32 (r, n) from `neighbourhood_features`, centred within each specimen.
    sizes, edges, areas
        As for `autocorrelation_factors`.
    """
    dim, (here, there) = extended.shape[1], edges.T
    everywhere = yield from _scatter(lambda rows: extended[rows], sizes, dim)
    between = yield from _scatter(lambda rows: extended[here[rows]] - extended[there[rows]], areas, dim)
    between += (
        REGULARISATION * max(np.trace(everywhere) / len(everywhere), np.finfo(np.float32).tiny) * np.eye(len(between))
    )
    variances, axes = np.linalg.eigh(between)
    whitening = axes / np.sqrt(variances)
    slowness, turned = np.linalg.eigh(whitening.T @ everywhere @ whitening)
    kept = (whitening @ turned)[:, ::-1][:, :N_FACTORS]
    scale = np.sqrt(max(slowness[::-1][:N_FACTORS].sum(), np.finfo(np.float32).tiny))
    return np.asarray(kept / scale)


def neighbourhood_features(features: Floats, edges: Ints, areas: Ints) -> Job[Floats]:
    """Features (r, d) and, for each of `STEPS`, their mean over the neighbourhood at that distance: (r, d·n)."""
    mean, parts = features, [features]
    for step in range(1, max(STEPS) + 1):
        mean = yield from _neighbour_means(mean, edges, areas)
        if step in STEPS:
            parts.append(mean)
    return np.concatenate(parts, axis=1)


def _neighbour_means(features: Floats, edges: Ints, areas: Ints) -> Job[Floats]:
    """Mean (r, d) of `features` (r, d) over adjacent supervoxels, weighted by contact area; its own without any."""
    one, other = edges.T
    n = len(features)
    faces = np.bincount(one, areas, n) + np.bincount(other, areas, n)
    means = np.empty_like(features)
    for column, values in enumerate(features.T):
        yield WORKING
        sums = np.bincount(one, areas * values[other], n) + np.bincount(other, areas * values[one], n)
        means[:, column] = np.where(faces, sums / np.maximum(faces, 1), values)
    return means


def _scatter(rows_of: Callable[[slice], Floats], weights: Ints, dim: int) -> Job[Matrix]:
    """Weighted mean (f, f) of the outer products of the rows (n, f) that `rows_of` gives part by part; f is `dim`."""
    sums = np.zeros((dim, dim))

    def compute(rows: slice) -> Matrix:
        import torch  # whoever reads a project, the window too, does without; it divides nothing among cores here

        part = torch.from_numpy(rows_of(rows).astype(np.float64))
        weight = torch.from_numpy(weights[rows].astype(np.float64))
        return np.asarray((part * weight[:, None]).T.matmul(part).numpy())

    with worker_pool() as pool:
        yield from pool.map(compute, _rows(len(weights)), partial(np.add, sums, out=sums), lambda _: WORKING)
    return sums / max(float(weights.sum()), 1.0)


def specimen_means(features: Floats, sizes: Ints, specimens: Ints) -> Floats:
    """Mean (s, f) over the voxels of each specimen."""
    total = np.maximum(np.bincount(specimens, sizes), 1)
    sums = [np.bincount(specimens, sizes * column) for column in features.T]
    return np.asarray(np.stack(sums, axis=1) / total[:, None], dtype=np.float32)


def standardised_within(features: Floats, sizes: Ints, specimens: Ints) -> Floats:
    """Features (r, f) of mean 0 and deviation 1 over the voxels of each specimen, 0 where all are the same."""
    means = specimen_means(features, sizes, specimens)
    values = np.subtract(features, means[specimens], dtype=np.float32)
    deviations = np.sqrt(specimen_means(np.square(values), sizes, specimens))
    differs = deviations > ROUNDING * np.abs(means)
    values *= (differs / np.where(differs, deviations, 1))[specimens]
    return values


def _rows(n: int) -> Iterator[slice]:
    return (slice(start, start + ROWS_AT_ONCE) for start in range(0, n, ROWS_AT_ONCE))
