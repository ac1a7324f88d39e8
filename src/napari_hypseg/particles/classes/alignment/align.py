"""From boxes to classes and rotations: many references from single boxes, rounds of alignment, merging, refinement."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from napari_hypseg.hierarchy.cuts import cut_at, lookup
from napari_hypseg.hierarchy.recounting import recounted
from napari_hypseg.hierarchy.tree import PARTS, Hierarchy
from napari_hypseg.jobs import Command, Job, Progress, Stage
from napari_hypseg.particles.classes.alignment.alignment_state import NO_CLASS, AlignmentState, AlignmentSteps
from napari_hypseg.particles.classes.alignment.box_spectra import BoxSpectra
from napari_hypseg.particles.classes.alignment.measured_band import measured_band
from napari_hypseg.particles.classes.alignment.merging import merge_references
from napari_hypseg.particles.classes.alignment.references import TurnedBoxes, make_references_job
from napari_hypseg.particles.classes.alignment.rotation_grid import rotations_around
from napari_hypseg.particles.classes.alignment.search import Fits, refine_job, search_job, shift_grid
from napari_hypseg.particles.classes.alignment.settings import AlignmentSettings

JOINED_ROUNDS = 2
"""Rounds over all rotations after merging."""
STARTS, START_BOXES, CLASS_ROUNDS = 8, 4, 7
"""Averages that each class is aligned to anew, boxes of each, and rounds from each.

What looks alike in any turn about an axis but for a detail is averaged over these turns by then, and such an average
finds the detail late, or in several places at once.
"""
REFINEMENTS = ((1 / 3, 0.7), (1 / 3, 0.7), (1 / 6, 0.35), (1 / 6, 0.35))
"""Steps and reach of the refining rounds, in angular steps."""
LEAST_POWER = 1e-6
"""So that an empty box among others divides nothing by 0."""
REACH = 1 / 6
"""Of the edge: how far a middle may be moved along an axis."""
Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Alignment:
    """How n boxes lie and which reference each is.

    Parameters
    ----------
    hierarchy
        Over the references that were begun with.
    leaves
        int64 (n,): which of these each box resembles most, within its class.
    gains
        float32 (n, K): gain of the likelihood over noise alone by each of these, in nats, before they were merged.
    class_gains
        float32 (n, k): by the reference of each class at last.
    classes
        int64 (n,): class of each, from 1, as the cut of `hierarchy` into k numbers them.
    rotations
        float32 (n, 3, 3), by which row vectors of the box become those of the reference, both from voxel E // 2.
    offsets
        float32 (n, 3): where the middle of the reference lies in the box, in voxels from voxel E // 2.
    volumes
        float32 (k, E, E, E): averages of the classes, each frequency divided by how often it was measured.
    n_frequencies
        How many were compared.
    share
        Of a box that is within the mask; as few of the frequencies are independent of one another.
    """

    hierarchy: Hierarchy
    leaves: Integers
    gains: Floats
    class_gains: Floats
    classes: Integers
    rotations: Floats
    offsets: Floats
    volumes: Floats
    n_frequencies: int
    share: float


def align_job(boxes: Floats, n_classes: int, settings: AlignmentSettings) -> Job[Alignment]:
    """Sort boxes into classes and align them; yields ``Progress("turn", …)``.

    `Command.STOP` leaves out what rounds and starts are not begun yet; the rest is done with what is known by then.

    Parameters
    ----------
    boxes
        float32 (n, E, E, E), no fewer than `n_classes`.
    n_classes
        Number of classes.
    settings
        How they are compared.
    """
    edge = boxes.shape[-1]
    resolution = settings.resolution_of(edge)
    band = measured_band(edge, resolution, settings.tilt_range)
    spectra = BoxSpectra(boxes, band, settings.tilt_range, settings.mask_radius_of(edge), edge * REACH)
    count = settings.references_of(n_classes, len(boxes))
    total = count * (settings.rounds + 1) + n_classes * (JOINED_ROUNDS + STARTS * CLASS_ROUNDS)
    steps = AlignmentSteps(total)
    yield from spectra.move_job(spectra.offsets, steps.now)
    state, random = AlignmentState(spectra, settings, resolution, steps), np.random.default_rng(settings.seed)
    yield from _heeding_job(_begin_job(state, count, random), steps)
    yield from _rounds_job(state, count, settings.rounds)
    gains, fine = state.gains.numpy(), state.classes.numpy()
    hierarchy = merge_references(gains, fine)
    groups = lookup(hierarchy, cut_at(hierarchy, n_classes))[1:].astype(np.int64) - 1
    _keep_largest(state, groups)
    yield from _rounds_job(state, n_classes, JOINED_ROUNDS)
    class_gains = state.gains.numpy()
    volumes = np.zeros((n_classes, edge, edge, edge), dtype=np.float32)
    for number in range(n_classes):
        rows = torch.nonzero(state.classes == number)[:, 0]
        if len(rows):
            best = yield from _align_class_job(state, rows, settings, resolution, random)
            state.turns[rows], spectra.offsets[rows] = best.turns, best.spectra.offsets
            volumes[number] = (yield from best.references_job(1)).volumes()[0].numpy()
    yield Progress(Stage.TURN, total, total)
    return _numbered(hierarchy, groups, gains, class_gains, state, volumes)


def _numbered(
    hierarchy: Hierarchy, groups: Integers, gains: Floats, class_gains: Floats, state: AlignmentState, volumes: Floats
) -> Alignment:
    """Classes by the numbers that the cut of the tree gives them, once sizes are those of the boxes at last."""
    classes, spectra = state.classes.numpy(), state.spectra
    leaves = np.where(groups[None] == classes[:, None], gains, -np.inf).argmax(1)
    tree = recounted({PARTS: hierarchy}, np.bincount(leaves, minlength=len(groups)))[PARTS]
    numbers = lookup(tree, cut_at(tree, len(volumes)))[1:].astype(np.int64) - 1
    order = np.empty(len(volumes), dtype=np.int64)
    order[numbers] = groups
    return Alignment(
        hierarchy=tree,
        leaves=leaves,
        gains=gains,
        class_gains=class_gains[:, order],
        classes=1 + numbers[leaves],
        rotations=state.turns.numpy(),
        offsets=spectra.offsets.numpy(),
        volumes=volumes[order],
        n_frequencies=len(spectra.band.places),
        share=float(spectra.mask.mean()),
    )


def _align_class_job(
    state: AlignmentState, rows: Tensor, settings: AlignmentSettings, resolution: float, random: np.random.Generator
) -> Job[AlignmentState]:
    """Align the boxes `rows` (m,) of a class to averages of few of them, and refine what explains them best."""
    gains = state.gains[rows].max(1).values
    typical = torch.topk(gains, max(1, len(rows) // 2)).indices.numpy()
    best: AlignmentState | None = None
    for _ in range(STARTS):
        tried = state.part(rows)
        tried.begin_with(torch.from_numpy(random.permutation(typical)[:START_BOXES]))
        tried.shifts = shift_grid(resolution / 4)
        yield from _rounds_job(tried, 1, CLASS_ROUNDS)
        if best is None or tried.gains.sum() > best.gains.sum():
            best = tried
        if state.steps.stopped:
            break
    assert best is not None
    for step, reach in REFINEMENTS:
        nearby = rotations_around(settings.angular_step * step, settings.angular_step * reach)
        made, finer = (yield from best.references_job(1)), shift_grid(resolution * step)
        fits = yield from refine_job(best.spectra, made, best.turns, nearby, finer, best.steps.now)
        best.turns = fits.rotations
        yield from best.spectra.move_job(fits.shifts, best.steps.now)
    return best


def _single_job(state: AlignmentState, row: int) -> Job[Fits]:
    made = yield from make_references_job(state.spectra, TurnedBoxes.single(row), 1, state.model, state.steps.now)
    return (yield from search_job(state.spectra, made, 0, state.rotations, state.shifts, state.steps.now))


def _begin_job(state: AlignmentState, count: int, random: np.random.Generator) -> Job[None]:
    """Single boxes as references, each drawn from those that the ones before explain least (as k-means++ does)."""
    spectra, fits = state.spectra, []
    power = (spectra.values.abs().square() / state.model.noise_of(spectra.band)).sum(1).clamp_min(LEAST_POWER)
    explained = torch.full((len(spectra),), -torch.inf)
    row = int(random.integers(len(spectra)))
    for _ in range(count):
        fits.append((yield from _single_job(state, row)))
        explained = torch.maximum(explained, fits[-1].gains / power)
        explained[row] = 1.0
        doubt = (1 - explained).clamp_min(1e-6).double().square().numpy()
        row = int(random.choice(len(spectra), p=doubt / doubt.sum()))
        yield state.steps.next()
    yield from state.take_best_job(fits)


def _rounds_job(state: AlignmentState, count: int, rounds: int) -> Job[None]:
    """Compare all boxes with all references once, and again until that was done `rounds` times or is to stop."""
    for number in range(rounds):
        if number and state.steps.stopped:
            return
        yield from _heeding_job(_all_rotations_job(state, count), state.steps)


def _heeding_job(job: Job[None], steps: AlignmentSteps) -> Job[None]:
    """Do a job to its end, but remember that it was to stop."""
    for event in job:
        steps.stopped |= (yield event) is Command.STOP


def _all_rotations_job(state: AlignmentState, count: int) -> Job[None]:
    made, fits = (yield from state.references_job(count)), []
    for number in range(count):
        fits.append(
            (yield from search_job(state.spectra, made, number, state.rotations, state.shifts, state.steps.now))
        )
        yield state.steps.next()
    yield from state.take_best_job(fits)


def _keep_largest(state: AlignmentState, groups: Integers) -> None:
    """Begin each class, one of the `groups` (K,), with the boxes of its largest reference alone."""
    sizes = np.bincount(state.classes.numpy(), minlength=len(groups))
    begun = np.full(len(groups), NO_CLASS, dtype=np.int64)
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        begun[members[sizes[members].argmax()]] = group
    state.classes = torch.from_numpy(begun)[state.classes]
