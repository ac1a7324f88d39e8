"""Finding the sample in generated CT scans, whose boxes are known: learned from some, scored on others.

The seeds lie far from those that anybody would try out, so that no setting was chosen on what is scored here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.ct_phantom.phantom import CTPhantom, ct_phantom
from benchmarks.locate.box_scores import BoxScore, SetScore, score_box, summarise
from benchmarks.locate.thresholds import Grey, best_threshold, exactness, otsu_box, overlap
from benchmarks.locate.timed_locate import locating
from benchmarks.reporting.slices import draw_proposal
from benchmarks.reporting.stage_message import StageMessage
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.pipeline.locate_settings import LocateSettings
from napari_hypseg.volumes import Box, Index3, Volume
from napari_hypseg.volumes.proposal import Proposal

FIRST_SEED = 10_000
FIRST_SINGLE = 20_000
OTSU = "Otsu's threshold, largest piece"
BEST = {
    "best single threshold by IoU, chosen with the truth, largest piece": overlap,
    "best single threshold by error, chosen with the truth, largest piece": exactness,
}


@dataclass(frozen=True)
class PhantomPlan:
    """How many phantoms, and their grids (z, y, x), taken in turn."""

    train: int
    unseen: int
    single: int
    pictures: int
    shapes: tuple[Index3, ...]


FULL = PhantomPlan(20, 10, 3, 3, ((256, 256, 256), (192, 256, 224), (256, 208, 240)))
QUICK = PhantomPlan(6, 2, 1, 1, ((64, 64, 64), (64, 80, 96)))


@dataclass(frozen=True)
class Row:
    """A way to find the sample and how well it does.

    Parameters
    ----------
    name
        Of the localizer or the baseline.
    score
        Over all volumes.
    seconds
        For all volumes together, or for one where each is learned from alone; None for the baselines.
    metrics
        What learning said of itself last.
    pictures
        Names of the files of pictures.
    """

    name: str
    score: SetScore
    seconds: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    pictures: tuple[str, ...] = ()


def unseen_rows(plan: PhantomPlan, settings: Sequence[LocateSettings], images: Path) -> Job[list[Row]]:
    """Learn from `plan.train` phantoms, score `plan.unseen` others; the baselines are scored on the same ones.

    Pictures of the first setting's boxes go to the folder `images`.
    """
    yield StageMessage(f"Generating {plan.train + plan.unseen} scans")
    train = [made.volume for made in (yield from _phantoms(plan, FIRST_SEED, plan.train))]
    unseen = yield from _phantoms(plan, FIRST_SEED + plan.train, plan.unseen)
    rows = []
    for one in settings:
        yield StageMessage(f"{one.method}: learning from {plan.train} scans, looking in {plan.unseen} others")
        located = yield from locating(train, one, [made.volume for made in unseen])
        proposals = located.proposals[plan.train :]
        scores = [_score(made, proposal.box) for made, proposal in zip(unseen, proposals, strict=True)]
        pictured = _draw(unseen[: plan.pictures], proposals, images) if one is settings[0] else ()
        rows.append(Row(one.method, summarise(scores), located.seconds, located.metrics, pictured))
    return rows + (yield from _baselines(unseen))


def single_rows(plan: PhantomPlan, settings: Sequence[LocateSettings]) -> Job[list[Row]]:
    """Learn from each of `plan.single` phantoms alone and score it on itself."""
    made = yield from _phantoms(plan, FIRST_SINGLE, plan.single)
    rows = []
    for one in settings:
        scores, seconds = list[BoxScore](), 0.0
        for number, phantom in enumerate(made, start=1):
            yield StageMessage(f"{one.method}: learning from one scan, {number} of {plan.single}")
            located = yield from locating([phantom.volume], one)
            scores.append(_score(phantom, located.proposals[0].box))
            seconds += located.seconds
        rows.append(Row(one.method, summarise(scores), seconds / plan.single))
    return rows


def grey_values(volume: Volume) -> Grey:
    """The first channel as float32 (z, y, x); what is no number becomes 0."""
    return np.nan_to_num(np.asarray(volume.channels[0][:], dtype=np.float32), posinf=0.0, neginf=0.0)


def _phantoms(plan: PhantomPlan, first_seed: int, count: int) -> Job[list[CTPhantom]]:
    made = []
    for number in range(count):
        made.append(ct_phantom(plan.shapes[number % len(plan.shapes)], first_seed + number))
        yield Progress("generate", number + 1, count)
    return made


def _draw(made: Sequence[CTPhantom], proposals: Sequence[Proposal], images: Path) -> tuple[str, ...]:
    """Draw the first of `proposals`; gives the names of the files."""
    names = tuple(f"{phantom.volume.name}.png" for phantom in made)
    for name, phantom, proposal in zip(names, made, proposals, strict=False):
        draw_proposal(images / name, phantom.volume, proposal, phantom.box)
    return names


def _baselines(unseen: Sequence[CTPhantom]) -> Job[list[Row]]:
    yield StageMessage("Thresholds on the same scans")
    greys = [grey_values(made.volume) for made in unseen]
    rows = [(yield from _scored(OTSU, unseen, greys, otsu_box))]
    for name, worth in BEST.items():
        choice = yield from best_threshold(greys, [made.box for made in unseen], worth)
        rows.append((yield from _scored(name, unseen, greys, choice.box)))
    return rows


def _scored(name: str, unseen: Sequence[CTPhantom], greys: Sequence[Grey], find: Callable[[Grey], Box]) -> Job[Row]:
    scores = []
    for number, (made, grey) in enumerate(zip(unseen, greys, strict=True), start=1):
        scores.append(_score(made, find(grey)))
        yield Progress("threshold", number, len(greys))
    return Row(name, summarise(scores))


def _score(made: CTPhantom, found: Box) -> BoxScore:
    return score_box(found, made.box, made.volume.shape, made.mask)
