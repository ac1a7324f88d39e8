"""Finding the sample in real scans, each learned from alone; they are read where they lie and never copied."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.locate.box_scores import bounding_box, box_iou, lost_share
from benchmarks.locate.phantoms import grey_values
from benchmarks.locate.thresholds import otsu_box
from benchmarks.locate.timed_locate import locating
from benchmarks.reporting.slices import draw_proposal
from benchmarks.reporting.stage_message import StageMessage
from napari_hypseg.io.opening import open_volume
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.locate_settings import LocateSettings
from napari_hypseg.volumes import Box, Volume, align_to


@dataclass(frozen=True)
class Case:
    """A scan of the example volumes.

    Parameters
    ----------
    folder, file
        Where it lies.
    content
        What is in it, and what must not be taken for it.
    labels
        File whose labels above 0 are the sample, or parts of it.
    whole
        Whether these labels are all of the sample, so that their box is the true one.
    """

    folder: str
    file: str
    content: str
    labels: str | None = None
    whole: bool = False


CASES = (
    Case("ct_carp", "ct.nii.gz", "a fish in air", "labels_silver.nii.gz", whole=True),
    Case("ct_cranium", "ct.nii.gz", "a head, with a head-rest that is none of it"),
    Case("microct_fly", "volume.tif", "a fly in a large noisy field"),
    Case("microct_shell", "volume.tif", "a snail's shell in air"),
    Case("ct_abdomen_totalseg", "ct.nii.gz", "a body, with a table that is none of it", "labels_totalseg.nii.gz"),
)


@dataclass(frozen=True)
class RealRow:
    """What one localizer found in one scan.

    Parameters
    ----------
    case
        The scan.
    method
        Name of the localizer; that of the baseline for a row that was not learned.
    box
        What was found.
    share
        Of the volume.
    factor
        How many times smaller the crop is.
    iou
        With the true box, None where that is not known.
    lost
        Share of the labelled voxels outside the box, None where there are no labels.
    certainty, seconds
        None for the baseline.
    picture
        Name of the picture's file.
    """

    case: Case
    method: str
    box: Box
    share: float
    factor: float
    iou: float | None
    lost: float | None
    certainty: float | None = None
    seconds: float | None = None
    picture: str | None = None


def real_rows(data: Path, settings: Sequence[LocateSettings], images: Path) -> Job[list[RealRow]]:
    """Every scan that is in the folder `data`; pictures go to the folder `images`."""
    rows = []
    for case in CASES:
        if (data / case.folder / case.file).exists():
            rows += yield from _case_rows(case, data / case.folder, settings, images)
    return rows


def _case_rows(case: Case, folder: Path, settings: Sequence[LocateSettings], images: Path) -> Job[list[RealRow]]:
    volume = open_volume(folder / case.file)
    sample = _sample(folder / case.labels, volume) if case.labels else None
    truth = bounding_box(sample) if sample is not None and case.whole else None
    rows = [_row(case, "Otsu's threshold", volume, otsu_box(grey_values(volume)), sample, truth)]
    for one in settings:
        yield StageMessage(f"{one.method}: {case.folder}")
        located = yield from locating([volume], one)
        (proposal,) = located.proposals
        picture = f"{case.folder}-{one.method}.png"
        draw_proposal(images / picture, volume, proposal, truth)
        certain = (proposal.certainty, located.seconds, picture)
        rows.append(_row(case, one.method, volume, proposal.box, sample, truth, *certain))
    return rows


def _sample(path: Path, volume: Volume) -> npt.NDArray[np.bool_]:
    return np.asarray(align_to(open_volume(path), volume).channels[0][:]) > 0


def _row(
    case: Case,
    method: str,
    volume: Volume,
    box: Box,
    sample: npt.NDArray[np.bool_] | None,
    truth: Box | None,
    certainty: float | None = None,
    seconds: float | None = None,
    picture: str | None = None,
) -> RealRow:
    share = box.size / volume.box.size
    iou = None if truth is None else box_iou(box, truth)
    lost = None if sample is None else lost_share(box, sample)
    return RealRow(case, method, box, share, 1 / max(share, 1e-12), iou, lost, certainty, seconds, picture)
