"""Flat clusters of small windows, as an unsupervised picker of particles makes them (PickET, Arvindekar et al. 2025).

Each voxel is described by the 5³ voxels around it in the smoothed volume: by their grey values, by the amplitudes of
their Fourier transform, or by Gabor filters; k-means or a mixture of Gaussians makes clusters of them. The settings are
the published ones, with three differences: clusters are fitted to a sample of voxels, the volume is not denoised by
TomoEED first, and windows reach over the border, so that every voxel is in a cluster.
"""

from collections.abc import Callable, Iterator, Mapping
from math import sqrt
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.segmentation.run_spec import RunBudget
from benchmarks.segmentation.tree_of_points import Segmented
from napari_hypseg.geometry.metric import EUCLIDEAN
from napari_hypseg.hierarchy.agglomeration.build import build_hierarchy_job
from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.nn.gaussian import gaussian_smooth
from napari_hypseg.volumes.intensity import measure_intensity
from napari_hypseg.volumes.specimen import Specimen

CLUSTERS = 2
EDGE = 5
"""Voxels along an edge of a window."""
SIGMA = 2.0
"""Voxels: standard deviation of the Gaussian that goes before."""
WAVES, HIGHEST = 10, 0.625
"""Of the Gabor filters: frequencies along each axis, from 0 to so many cycles a voxel."""
WIDTH = sqrt(2) * (EDGE // 2) / 3
"""Voxels: standard deviation of their Gaussian."""
KEPT = 64
"""Of these filters, those whose responses have the largest standard deviation."""
SAMPLE = 20_000
"""Windows that clusters are fitted to, and filters chosen by."""
AT_ONCE = 50_000
"""Windows described at once."""

Describe = Callable[[Tensor], Tensor]
"""From windows (n, c, z, y, x) to features (n, f)."""


def _intensity(sample: Tensor) -> Describe:
    return lambda windows: windows.flatten(1)


def _fft(sample: Tensor) -> Describe:
    basis = fourier_basis()
    return lambda windows: (windows.flatten(2) @ basis).unflatten(-1, (2, -1)).square().sum(-2).sqrt().flatten(1)


def fourier_basis() -> Tensor:
    """Cosines, then sines (EDGE³, EDGE³ + 1), of all waves that fit into a window, one of each opposite pair.

    Both of a pair have one amplitude. Here it counts √2 times instead, so that distances are those of all EDGE³.
    """
    step = torch.arange(EDGE, dtype=torch.float32)
    grid, waves = torch.cartesian_prod(step, step, step), torch.cartesian_prod(*(step - EDGE // 2,) * 3)
    phase = 2 * torch.pi / EDGE * grid @ waves[EDGE**3 // 2 :].T
    weight = torch.tensor([1.0] + [sqrt(2)] * (EDGE**3 // 2))
    return torch.cat([phase.cos() * weight, phase.sin() * weight], dim=1)


def _gabor(sample: Tensor) -> Describe:
    filters = gabor_filters()
    responses = sample.flatten(2) @ filters.T
    chosen = filters[responses.std(0).mean(0).topk(KEPT).indices].T
    return lambda windows: (windows.flatten(2) @ chosen).flatten(1)


def gabor_filters() -> Tensor:
    """Gabor filters (WAVES³, EDGE³): cosines that begin at a corner of the window, under a Gaussian."""
    place = torch.arange(EDGE, dtype=torch.float32)
    grid = torch.cartesian_prod(place, place, place)
    frequency = torch.linspace(0, HIGHEST, WAVES)
    waves = torch.cartesian_prod(frequency, frequency, frequency)
    distance = (grid - EDGE // 2).square().sum(1)
    return torch.cos(2 * torch.pi * waves @ grid.T) * torch.exp(-distance / (2 * WIDTH**2))


DESCRIPTIONS: Mapping[str, Callable[[Tensor], Describe]] = MappingProxyType(
    {"fft": _fft, "gabor": _gabor, "intensity": _intensity}
)
"""From a sample of windows (n, c, z, y, x) to what describes any, by name."""


def _kmeans(seed: int) -> Any:
    from sklearn.cluster import KMeans

    return KMeans(CLUSTERS, random_state=seed, n_init=1)


def _mixture(seed: int) -> Any:
    from sklearn.mixture import GaussianMixture

    return GaussianMixture(CLUSTERS, random_state=seed)


CLUSTERERS: Mapping[str, Callable[[int], Any]] = MappingProxyType({"kmeans": _kmeans, "mixture": _mixture})
"""From a seed to a model of scikit-learn, by name."""


def window_clusters(
    description: str, clusterer: str, specimen: Specimen, run_budget: RunBudget, seed: int
) -> Job[Segmented]:
    """Clusters as leaf ids (z, y, x), 0 where nothing counts, and the only tree over them: each, and the whole.

    The budget does not matter. A cluster without a voxel is left out.
    """
    inside = specimen.inside(specimen.volume.box)
    windows, places = _windows(specimen, inside), np.argwhere(inside)
    drawn = places[np.random.default_rng(seed).permutation(len(places))[:SAMPLE]]
    yield Progress("cluster", 0, len(places))
    sample = _at(windows, drawn)
    describe = DESCRIPTIONS[description](sample)
    model = CLUSTERERS[clusterer](seed)
    model.fit(_features(describe, sample))
    ids, sums = np.zeros(inside.shape, np.uint16), list[npt.NDArray[np.float64]]()
    for start in range(0, len(places), AT_ONCE):
        yield Progress("assign", start, len(places))
        part = places[start : start + AT_ONCE]
        features = _features(describe, _at(windows, part))
        labels = model.predict(features)
        ids[tuple(part.T)] = 1 + labels
        sums.append(np.eye(CLUSTERS)[labels].T @ features)
    used, numbered = np.unique(ids[inside], return_inverse=True)
    ids[inside] = 1 + numbered
    sizes = np.bincount(numbered)
    means = (np.sum(sums, axis=0)[used - 1] / sizes[:, None]).astype(np.float32)
    return ids, {PARTS: (yield from build_hierarchy_job(means, sizes, EUCLIDEAN))}


def _windows(specimen: Specimen, inside: npt.NDArray[np.bool_]) -> Tensor:
    """View (c, z, y, x, 5, 5, 5) of the window around every voxel, smoothed and with grey values from 0 to 1."""
    grey = measure_intensity(specimen).standardise(specimen.volume.read(specimen.volume.box)) * inside
    smooth = gaussian_smooth(torch.from_numpy(grey), SIGMA)
    counted = smooth[:, torch.from_numpy(inside)]
    low, high = (bound.view(-1, 1, 1, 1) for bound in (counted.amin(1), counted.amax(1)))
    scaled = (smooth - low) / (high - low).clamp_min(1e-6)
    padded = F.pad(scaled[None], (EDGE // 2,) * 6, mode="replicate")[0]
    return padded.unfold(1, EDGE, 1).unfold(2, EDGE, 1).unfold(3, EDGE, 1)


def _at(windows: Tensor, places: npt.NDArray[np.intp]) -> Tensor:
    """Windows (n, c, 5, 5, 5) around voxels (n, 3)."""
    z, y, x = torch.from_numpy(places).unbind(1)
    return windows[:, z, y, x].movedim(0, 1)


def _features(describe: Describe, windows: Tensor) -> npt.NDArray[np.float64]:
    parts: Iterator[Tensor] = (describe(part).double() for part in windows.split(AT_ONCE))
    return torch.cat(list(parts)).numpy()
