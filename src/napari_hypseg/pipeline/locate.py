"""Finding the sample: coarse copies, a localizer that learns from them, an outline, a box for each volume."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.methods.localizer import Evidence
from napari_hypseg.methods.registry import get_localizer
from napari_hypseg.pipeline.locate_settings import LocateSettings
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.coarse import CoarseVolume, coarsen
from napari_hypseg.volumes.proposal import Proposal
from napari_hypseg.volumes.volume import Volume

if TYPE_CHECKING:
    import torch

EDGE = 128
"""Cells along the longest axis of the coarse copies."""
FAINT = 0.4
"""Certainty of the surest tenth of the slices below which nothing speaks for a sample."""
EVERYWHERE = 0.9
"""Certainty that no slice falls below where the sample fills everything."""
UNSURE = 0.5
"""Certainty below which the person is told to look."""


def locate(
    volumes: Sequence[Volume], settings: LocateSettings, also: Sequence[Volume] = ()
) -> Job[tuple[Proposal, ...]]:
    """Find the sample in every one of `volumes`, learning from all of them together and from nothing else.

    The sample is looked for in copies of at most 128 cells along an axis, which are read piece by piece: each cell is
    the mean of up to 4³ of its voxels. Volumes of `also` are looked at but not learned from; their proposals follow
    those of `volumes`.

    Yields `Progress` of the stages ``"read"``, ``"learn"``, ``"outline"`` and ``"find"``. `Command.STOP` while it
    learns ends that step of learning and goes on with what was learned.

    Raises
    ------
    HypsegError
        If a volume or a setting cannot be used.
    """
    yield Progress("start", 0)
    from napari_hypseg.training.device import resolve_device

    _same_channels([*volumes, *also])
    method = get_localizer(settings.method)
    own = method.settings.check(settings.model)
    device = resolve_device(settings.device)
    copies = []
    for volume in [*volumes, *also]:
        copies.append((yield from coarsen(volume, EDGE)))
    localizer = method.build(own, len(volumes[0].channels))
    learned = copies[: len(volumes)]
    yield from localizer.fit(learned, device)
    seen = []
    for copy in copies:
        seen.append((yield from localizer.propose(copy)))
    proposals = []
    for number, (copy, evidence) in enumerate(zip(copies, seen, strict=True), start=1):
        proposals.append((yield from _propose(_view(copy, evidence), settings, device)))
        yield Progress("find", number, len(copies))
    return tuple(proposals)


def _same_channels(volumes: Sequence[Volume]) -> None:
    first = volumes[0]
    for other in volumes[1:]:
        if len(other.channels) != len(first.channels):
            raise InputError(
                f"{other.name} has {len(other.channels)} channels but {first.name} has {len(first.channels)}; "
                "look for the sample in volumes with the same channels."
            )


@dataclass(frozen=True, eq=False)
class _View:
    """What is known of one volume before its outline.

    Parameters
    ----------
    seeds
        On the coarse grid; see `plant`.
    body
        The sample where its grey value tells it, as that of a body in air does.
    """

    copy: CoarseVolume
    evidence: Evidence
    seeds: npt.NDArray[np.int8]
    body: npt.NDArray[np.bool_] | None


def _view(copy: CoarseVolume, evidence: Evidence) -> _View:
    from napari_hypseg.methods.flat import halve
    from napari_hypseg.methods.grey import body_in_air
    from napari_hypseg.methods.seeds import enlarge, find_piece, plant, textured
    from napari_hypseg.methods.structure import structure

    valid = halve(copy).valid
    varied = textured(structure(copy), valid)
    body = body_in_air(copy, enlarge(varied, copy.grid))
    seeds = plant(find_piece(varied, evidence.map), valid) if body is None else plant(body, copy.valid)
    return _View(copy, evidence, enlarge(seeds, copy.grid), body)


def _propose(view: _View, settings: LocateSettings, device: "torch.device") -> Job[Proposal]:
    from napari_hypseg.methods.outline import outline_mask, sample_probability
    from napari_hypseg.methods.seeds import SAMPLE

    copy = view.copy
    seed = int(settings.model.get("seed", 0))
    sure = yield from sample_probability(copy, view.seeds, settings.outline_steps, seed, device)
    mask = outline_mask(sure, view.seeds == SAMPLE, copy) if view.body is None else view.body
    box, certainty, notes = _judged(view, mask, _certainty(sure, mask, copy.valid))
    z, y, x = (float(f) for f in copy.factors)
    grown = _grown(box, settings.margin, Box.whole(copy.shape))
    return Proposal(grown, certainty, settings.method, sure, (z, y, x), view.evidence.profiles, notes)


def _judged(view: _View, mask: npt.NDArray[np.bool_], certainty: float) -> tuple[Box, float, tuple[str, ...]]:
    """Box, certainty and what the person should read; the whole volume where there is no telling."""
    copy, profiles = view.copy, view.evidence.profiles
    whole = Box.whole(copy.shape)
    strength = float(np.mean([np.quantile(profile, 0.9) for profile in profiles]))
    if not mask.any() or strength < FAINT:
        note = f"No sample can be told from its surroundings in {copy.name}; the whole volume is proposed."
        return whole, min(certainty, strength, UNSURE / 2), (note,)
    if min(float(profile.min()) for profile in profiles) > EVERYWHERE:
        return whole, UNSURE / 2, (f"The sample seems to fill all of {copy.name}; the whole volume is proposed.",)
    unsure = f"It is not certain where the sample ends in {copy.name}; look at the box before you crop."
    return _around(mask, copy), certainty, ((unsure,) if certainty < UNSURE else ())


def _certainty(sure: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_], valid: npt.NDArray[np.bool_]) -> float:
    """How much likelier the cells of the outline are sample than all others."""
    inside, outside = mask & valid, ~mask & valid
    if not inside.any() or not outside.any():
        return 0.0
    return float(np.clip(sure[inside].mean() - sure[outside].mean(), 0, 1))


def _around(mask: npt.NDArray[np.bool_], copy: CoarseVolume) -> Box:
    """The voxels of the cells between the first and the last of the mask along each axis."""
    edges = []
    for axis, (factor, length) in enumerate(zip(copy.factors, copy.shape, strict=True)):
        held = np.flatnonzero(mask.any(tuple({0, 1, 2} - {axis})))
        edges.append((int(held[0]) * factor, min((int(held[-1]) + 1) * factor, length)))
    (z0, z1), (y0, y1), (x0, x1) = edges
    return Box((z0, y0, x0), (z1, y1, x1))


def _grown(box: Box, percent: float, whole: Box) -> Box:
    z, y, x = (round(edge * percent / 100) for edge in box.shape)
    return box.grow((z, y, x)).intersect(whole)
