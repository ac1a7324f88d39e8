"""From seeds to an outline: a voxel classifier learns what is sample, and the outline goes to the nearest edge.

The classifier is a small network over a filter bank, trained on the seeds and on composites of the volume itself,
whose edges are known; nothing else is needed, so that every volume has its own.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch import Tensor, nn
from torch.nn import functional as F

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.methods.localizers.background_flattening import flatten, without_constant
from napari_hypseg.methods.localizers.composites import composite
from napari_hypseg.methods.localizers.filter_bank import filter_bank
from napari_hypseg.methods.localizers.mask_morphology import Mask, filled_component, inner_distance, opened
from napari_hypseg.methods.localizers.seeds import BACKGROUND, SAMPLE, Seeds
from napari_hypseg.training.fit_steps import fit_steps
from napari_hypseg.volumes.coarse import CoarseVolume

Array = npt.NDArray[np.float32]
NEARBY = 0.125
"""Share of the longest axis over which grey values are flattened."""
COMPOSITES = 5
"""Scans with known edges to learn from; each more costs seconds, fewer leave the outline to chance."""
WIDTH = 64
RATE = 5e-3
BATCH = 8192
DRAWN = 40_000
"""Cells that are drawn of each kind."""
STRIKING = 0.95
"""Quantile of the local energy of the surroundings above which a cell stands out."""
SMOOTH_ENERGY = 1.5
"""Cells: standard deviation of the Gaussian over that energy."""
EDGE = 3
"""Cells: what is near the edge."""
LIMIT = 5.0
"""Standard deviations at which features are cut."""
SLAB = 16
"""Slices that are classified at a time."""
SMOOTH = 1.2
"""Cells: standard deviation of the Gaussian over the probabilities."""
LIKELY = 0.7
"""Probability from which on a cell is sample; above one half, as the classes are balanced and the sample is small."""
THIN = 0.45
"""Radius of the ball that fits into every part of a sample, as a share of the largest that does."""
BAND = 3.0
"""Cells by which the outline may move to the nearest edge."""
EDGES = 0.8
"""Cells: standard deviation of the Gaussian whose gradient shows edges."""


def sample_probability(volume: CoarseVolume, seeds: Seeds, steps: int, seed: int, device: torch.device) -> Job[Array]:
    """Probability (z, y, x) that a cell is sample; 0 where there are no seeds of it.

    Yields `Progress` of the stage ``"outline"``. What is sent is not obeyed: it takes seconds, and an outline that
    has not been learned is worth nothing.
    """
    if not (seeds == SAMPLE).any() or not (seeds == BACKGROUND).any():
        return np.zeros(seeds.shape, dtype=np.float32)
    draw = np.random.default_rng(seed)
    flat = without_constant(flatten(volume, NEARBY))
    raw = filter_bank(torch.from_numpy(flat).to(device))
    mean, spread = raw.mean((1, 2, 3), keepdim=True), raw.std((1, 2, 3), keepdim=True).clamp(min=1e-6)
    features = _standard(raw, mean, spread)
    del raw
    striking = _striking(flat, seeds)
    cells, classes = [], []
    for number in range(COMPOSITES + 1):
        yield Progress("outline", 0, steps)
        here, known = features, seeds
        if number:
            pasted, known = composite(flat, seeds, draw)
            here = _standard(filter_bank(torch.from_numpy(pasted).to(device)), mean, spread)
        chosen = _chosen(known, striking, draw)
        cells.append(here.flatten(1)[:, chosen].T.float())
        classes.append(torch.from_numpy(known.ravel()[chosen] == SAMPLE).to(device, torch.float32))
    network = _network(len(features), seed).to(device)
    yield from _fit(network, torch.cat(cells), torch.cat(classes), steps)
    return _classified(network, features) * volume.valid


def outline_mask(probability: Array, core: Mask, volume: CoarseVolume) -> Mask:
    """The sample: the likely piece that holds most of its surest cells, without what is thin, up to the next edge."""
    smooth = ndimage.gaussian_filter(probability, SMOOTH)
    likely: Mask = (smooth > LIKELY) & volume.valid
    if not likely.any():
        return likely
    return to_edges(opened(filled_component(likely, core), THIN), volume)


def to_edges(mask: Mask, volume: CoarseVolume) -> Mask:
    """A mask whose outline lies at the strongest edge nearby: a watershed of the gradient between two markers."""
    from skimage.segmentation import watershed

    depth = inner_distance(mask)
    markers = np.zeros(mask.shape, dtype=np.int8)
    markers[depth > min(BAND, depth.max() / 2)] = 1
    markers[(ndimage.distance_transform_edt(~mask) > BAND) | ~volume.valid] = 2
    if not (markers == 2).any():
        return mask
    flat = flatten(volume, NEARBY)
    slope = sum(np.square(ndimage.gaussian_gradient_magnitude(channel, EDGES)) for channel in flat)
    found: Mask = watershed(np.sqrt(slope), markers) == 1
    return found


def near_edge(seeds: Seeds) -> Mask:
    """Cells of one kind that lie close to the other."""
    sample, surroundings = seeds == SAMPLE, seeds == BACKGROUND
    near: Mask = ndimage.binary_dilation(sample, iterations=EDGE) & surroundings
    near |= ndimage.binary_dilation(surroundings, iterations=EDGE) & sample
    return near


def _striking(flat: Array, seeds: Seeds) -> Mask:
    """The surroundings that stand out: holders, walls and other objects, which are few and have to be learned."""
    energy = ndimage.gaussian_filter(np.square(flat).sum(0), SMOOTH_ENERGY)
    around = seeds == BACKGROUND
    found: Mask = around & (energy > np.quantile(energy[around], STRIKING))
    return found


def _chosen(seeds: Seeds, striking: Mask, draw: np.random.Generator) -> npt.NDArray[np.intp]:
    """Cells to learn from: as many of either kind, near the edge and away from it, and some that stand out."""
    near, sample, around = near_edge(seeds), seeds == SAMPLE, seeds == BACKGROUND
    kinds = [around & near, around & ~near, sample & near, sample & ~near, around & striking]
    return np.concatenate([draw.choice(np.flatnonzero(kind), DRAWN) for kind in kinds if kind.any()])


def _standard(features: Tensor, mean: Tensor, spread: Tensor) -> Tensor:
    """Features in standard deviations, in half precision: they are many, and used up here to spare memory."""
    return features.sub_(mean).div_(spread).clamp_(-LIMIT, LIMIT).half()


def _network(n_features: int, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Linear(n_features, WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH), nn.SiLU(), nn.Linear(WIDTH, 1)
    )


def _fit(network: nn.Module, cells: Tensor, classes: Tensor, steps: int) -> Job[None]:
    def step() -> tuple[Tensor, Mapping[str, float]]:
        batch = torch.randint(len(cells), (BATCH,)).to(cells.device)
        return F.binary_cross_entropy_with_logits(network(cells[batch])[:, 0], classes[batch]), {}

    for event in fit_steps(network, step, steps, RATE, "outline"):  # noqa: UP028  (a STOP is not handed on)
        yield event


def _classified(network: nn.Module, features: Tensor) -> Array:
    with torch.no_grad():
        parts = [network(slab.flatten(1).T.float())[:, 0] for slab in features.split(SLAB, dim=1)]
    sure: Array = torch.sigmoid(torch.cat(parts)).view(features.shape[1:]).cpu().numpy()
    return sure
