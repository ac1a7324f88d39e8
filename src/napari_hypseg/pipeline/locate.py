"""Finding the sample: coarse copies, a localizer that learns from them, an outline, a box for each volume."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from napari_hypseg.errors import InputError
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.methods.localizers.base import Evidence, Profiles
from napari_hypseg.methods.registry import get_localizer
from napari_hypseg.pipeline.locate_settings import LocateSettings
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.coarse import coarsen
from napari_hypseg.volumes.proposal import Proposal
from napari_hypseg.volumes.volume import Volume

if TYPE_CHECKING:
    from napari_hypseg.methods.localizers.search_region import SearchRegion
    from napari_hypseg.pipeline.locate_outline import Learn, Outline

EDGE = 128
"""Cells along the longest axis of the coarse copies."""
FAINT = 0.4
"""Certainty of the surest tenth of the slices below which nothing speaks for a sample."""
EVERYWHERE = 0.9
"""Certainty that no slice falls below where the sample fills everything."""
UNSURE = 0.5
"""Certainty below which a note asks to check the box."""


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
    from napari_hypseg.methods.localizers.search_region import search_region
    from napari_hypseg.pipeline.locate_outline import learner
    from napari_hypseg.training.device import resolve_device

    _same_channels([*volumes, *also])
    method = get_localizer(settings.method)
    own = method.settings.check(settings.model)
    device = resolve_device(settings.device)
    copies = []
    for volume in [*volumes, *also]:
        copies.append((yield from coarsen(volume, EDGE)))
    localizer = method.build(own, len(volumes[0].channels))
    regions = []
    for copy in copies:
        regions.append(search_region(copy))
        yield Progress("read", len(regions), len(copies))
    yield from localizer.fit([region.copy for region in regions[: len(volumes)]], device)
    seen = []
    for region in regions:
        seen.append((yield from localizer.propose(region.copy)))
    learn = learner(settings.outline_steps, int(settings.model.get("seed", 0)), device)
    proposals = []
    for number, found in enumerate(zip([*volumes, *also], regions, seen, strict=True), start=1):
        proposals.append((yield from _propose(*found, settings, learn)))
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


def _propose(
    volume: Volume, region: "SearchRegion", evidence: Evidence, settings: LocateSettings, learn: "Learn"
) -> Job[Proposal]:
    from napari_hypseg.pipeline.locate_outline import outline, refined

    first = yield from outline(region, evidence.map, learn)
    found = first if region.body is not None else (yield from refined(volume, first, EDGE, learn))
    box, certainty, notes = _judged(volume, evidence.profiles, found)
    z, y, x = (float(f) for f in first.copy.factors)
    grown = _grown(box, settings.margin, volume.box)
    return Proposal(grown, certainty, settings.method, first.sure, (z, y, x), evidence.profiles, notes)


def _judged(volume: Volume, profiles: Profiles, found: "Outline") -> tuple[Box, float, tuple[str, ...]]:
    """Box, certainty and what the person should read; the whole volume where there is no telling."""
    from napari_hypseg.methods.localizers.certainty import expected_iou, quality_features

    certainty = (
        expected_iou(quality_features(found.copy, found.piece, found.sure, found.mask)) if found.mask.any() else 0.0
    )
    strength = float(np.mean([np.quantile(profile, 0.9) for profile in profiles]))
    if not found.mask.any() or strength < FAINT:
        note = f"No sample can be told from its surroundings in {volume.name}; the whole volume is proposed."
        return volume.box, min(certainty, strength, UNSURE / 2), (note,)
    if min(float(profile.min()) for profile in profiles) > EVERYWHERE:
        note = f"The sample seems to fill all of {volume.name}; the whole volume is proposed."
        return volume.box, UNSURE / 2, (note,)
    unsure = f"It is not certain where the sample ends in {volume.name}; look at the box before you crop."
    return found.box, certainty, ((unsure,) if certainty < UNSURE else ())


def _grown(box: Box, percent: float, whole: Box) -> Box:
    z, y, x = (round(edge * percent / 100) for edge in box.shape)
    return box.grow((z, y, x)).intersect(whole)
