"""Finding the sample: coarse copies, a localizer that learns from them, an outline, a box for each volume."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.jobs import Command, Job, Progress
from napari_hypseg.methods.localizer import Evidence
from napari_hypseg.methods.registry import get_localizer
from napari_hypseg.pipeline.locate_settings import LocateSettings
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.coarse import CoarseVolume, coarsen
from napari_hypseg.volumes.proposal import Proposal
from napari_hypseg.volumes.volume import Volume

if TYPE_CHECKING:
    import torch

    from napari_hypseg.methods.outline import Outline

EDGE = 128
"""Cells along the longest axis of the coarse copies."""
UNSURE = 0.5
"""Certainty below which the person is told to look."""


def locate(
    volumes: Sequence[Volume], settings: LocateSettings, also: Sequence[Volume] = ()
) -> Job[tuple[Proposal, ...]]:
    """Find the sample in every one of `volumes`, learning from all of them together and from nothing else.

    The sample is looked for in copies of at most 128 cells along an axis, which are read piece by piece: each cell is
    the mean of up to 4³ of its voxels. Volumes of `also` are looked at but not learned from; their proposals follow
    those of `volumes`.

    Yields `Progress` of the stages ``"read"``, ``"learn"`` and ``"find"``. `Command.STOP` while it learns ends that
    step of learning and goes on with what was learned.

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
    outline = yield from _outline(learned, seen, settings, device)
    proposals = []
    for number, (copy, evidence) in enumerate(zip(copies, seen, strict=True)):
        proposals.append(_propose(copy, evidence, outline, settings))
        yield Progress("find", number + 1, len(copies))
    return tuple(proposals)


def _same_channels(volumes: Sequence[Volume]) -> None:
    first = volumes[0]
    for other in volumes[1:]:
        if len(other.channels) != len(first.channels):
            raise InputError(
                f"{other.name} has {len(other.channels)} channels but {first.name} has {len(first.channels)}; "
                "look for the sample in volumes with the same channels."
            )


def _outline(
    copies: Sequence[CoarseVolume], seen: Sequence[Evidence], settings: LocateSettings, device: "torch.device"
) -> Job["Outline"]:
    """A network that has learned from the surest cells of all volumes."""
    from napari_hypseg.methods.flat import halve
    from napari_hypseg.methods.outline import Lesson, Outline, outline_input
    from napari_hypseg.methods.seeds import enlarge, plant

    lessons = []
    for copy, evidence in zip(copies, seen, strict=False):
        seeds = plant(evidence.map, halve(copy).valid)
        lessons.append(Lesson(outline_input(copy), enlarge(seeds, copy.grid)))
        yield Progress("learn", 0, settings.outline_steps)
    outline = Outline(len(copies[0].data), int(settings.model.get("seed", 0)))
    yield from outline.fit(lessons, settings.outline_steps, device)
    return outline


def _propose(copy: CoarseVolume, evidence: Evidence, outline: "Outline", settings: LocateSettings) -> Proposal:
    from napari_hypseg.methods.outline import outline_input, outline_mask

    sure = outline.probability(outline_input(copy)) * copy.valid
    mask = outline_mask(sure, copy.valid)
    whole = Box.whole(copy.shape)
    step = tuple(float(f) for f in copy.factors)
    notes: tuple[str, ...] = ()
    certainty = _certainty(sure, mask, copy.valid)
    box = _grown(_around(mask, copy), settings.margin, whole) if mask.any() else whole
    return Proposal(box, certainty, settings.method, sure, step, evidence.profiles, notes)  # type: ignore[arg-type]


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
