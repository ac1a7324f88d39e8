"""Factors: what changes slowly from region to region, and so tells whole structures apart better than looks alone.

Maximum autocorrelation factors (Switzer and Green 1984): of all linear combinations of what regions and their wider
surroundings look like, those that vary most over the volume for what they vary between regions that touch.
"""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from napari_hypseg.encoding.pairs import Ints
from napari_hypseg.jobs import Job, Progress

Floats: TypeAlias = npt.NDArray[np.float32]
Matrix: TypeAlias = npt.NDArray[np.float64]

FACTORS = 4
STEPS = (1, 2, 4)
"""How many steps from region to region lead to where surroundings are looked at."""
LEAST = 1e-4
"""Of the mean variance: what touching regions differ by at least, however much alike they are."""
ROWS_AT_ONCE = 100_000
WORKING = Progress("cluster", 0, 1)


def factors_job(looks: Floats, sizes: Ints, specimens: Ints, pairs: Ints, contacts: Ints) -> Job[Floats]:
    """Factors float32 (r, `FACTORS`) of regions, the slowest first; fewer where there are fewer features.

    Each specimen is held against its own mean: specimens never touch, so that what tells them apart would seem slower
    than anything. Variances over all voxels sum up to 1; all are 0 where all looks are the same. Yields `Progress` of
    the stage ``"cluster"``.

    Parameters
    ----------
    looks
        float32 (r, d); what each region looks like.
    sizes
        int64 (r,); voxels.
    specimens
        int64 (r,); which specimen each region is a part of, from 0.
    pairs, contacts
        int64 (m, 2) regions that touch, each pair once, and int64 (m,) by how many faces.
    """
    features = yield from _with_surroundings(looks, pairs, contacts)
    features -= _means(features, sizes, specimens)[specimens]
    everywhere = yield from _scatter((features[rows] for rows in _rows(len(features))), sizes)
    between = yield from _scatter((features[here] - features[there] for here, there in _ends(pairs)), contacts)
    between += LEAST * max(np.trace(everywhere) / len(everywhere), np.finfo(np.float32).tiny) * np.eye(len(between))
    variances, axes = np.linalg.eigh(between)
    whitening = axes / np.sqrt(variances)
    slowness, turned = np.linalg.eigh(whitening.T @ everywhere @ whitening)
    kept = (whitening @ turned)[:, ::-1][:, :FACTORS]
    scale = np.sqrt(max(slowness[::-1][:FACTORS].sum(), np.finfo(np.float32).tiny))
    return np.asarray(features @ (kept / scale), dtype=np.float32)


def _with_surroundings(looks: Floats, pairs: Ints, contacts: Ints) -> Job[Floats]:
    """Looks (r, d) and beside them, for each of `STEPS`, their mean over where so many steps lead: (r, d·n)."""
    far, parts = looks, [looks]
    for step in range(1, max(STEPS) + 1):
        far = yield from _next_to(far, pairs, contacts)
        if step in STEPS:
            parts.append(far)
    return np.concatenate(parts, axis=1)


def _next_to(looks: Floats, pairs: Ints, contacts: Ints) -> Job[Floats]:
    """Mean (r, d) of `looks` (r, d) of the regions that each touches, by faces; its own if it touches none."""
    one, other = pairs.T
    n = len(looks)
    faces = np.bincount(one, contacts, n) + np.bincount(other, contacts, n)
    means = np.empty_like(looks)
    for column, values in enumerate(looks.T):
        yield WORKING
        sums = np.bincount(one, contacts * values[other], n) + np.bincount(other, contacts * values[one], n)
        means[:, column] = np.where(faces, sums / np.maximum(faces, 1), values)
    return means


def _scatter(parts: Iterator[Floats], weights: Ints) -> Job[Matrix]:
    """Mean (f, f) of the outer products of rows, weighted, which come in `parts` (n, f) of `ROWS_AT_ONCE`."""
    total, start = 0.0, 0
    sums: Matrix | None = None
    for part in parts:
        yield WORKING
        weight = weights[start : start + len(part)].astype(np.float64)
        rows = part.astype(np.float64)
        product = (rows * weight[:, None]).T @ rows
        sums = product if sums is None else sums + product
        total, start = total + weight.sum(), start + len(part)
    assert sums is not None
    return sums / max(total, 1.0)


def _means(features: Floats, sizes: Ints, specimens: Ints) -> Floats:
    """Mean (s, f) over the voxels of each specimen."""
    total = np.maximum(np.bincount(specimens, sizes), 1)
    sums = [np.bincount(specimens, sizes * column) for column in features.T]
    return np.asarray(np.stack(sums, axis=1) / total[:, None], dtype=np.float32)


def _rows(n: int) -> Iterator[slice]:
    return (slice(start, start + ROWS_AT_ONCE) for start in range(0, max(1, n), ROWS_AT_ONCE))


def _ends(pairs: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Both ends of at most `ROWS_AT_ONCE` pairs; once none, if there is none."""
    for rows in _rows(len(pairs)):
        here, there = pairs[rows].T
        yield here, there
