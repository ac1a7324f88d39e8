"""The pieces of a structure, again and again while a person looks for the right settings; nothing is measured."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.jobs import Job, Stage
from napari_hypseg.pipeline.answer_requests import answer_requests
from napari_hypseg.pipeline.measure_choice import MeasureChoice, write_pieces_job
from napari_hypseg.project.project import Project
from napari_hypseg.structures.instances import InstanceSettings, instances_job


@dataclass(frozen=True, eq=False)
class PiecesRequest:
    """Which pieces are wanted.

    Parameters
    ----------
    number
        Of the request, which its report has, too.
    choice
        The structure and the specimen.
    settings
        `InstanceSettings`.
    file
        Where the ids of pieces are to be written, over the whole grid (z, y, x), as ``.npy``.
    """

    number: int
    choice: MeasureChoice
    settings: Mapping[str, Any]
    file: str


@dataclass(frozen=True, eq=False)
class PiecesReport:
    """The pieces that were found, without their voxels.

    Parameters
    ----------
    number
        Of the request.
    sizes
        int64 (count,): voxels of each piece, by id from 1, the largest first.
    n_small
        Pieces that were left out because they are smaller than wanted.
    """

    number: int
    sizes: npt.NDArray[np.int64]
    n_small: int = 0


def preview_pieces(project: Path, newest: Callable[[], PiecesRequest | None]) -> Job[None]:
    """Yield a `PiecesReport` for each request that `newest` gives, until closed; an older one is dropped for a newer.

    Parameters
    ----------
    project
        Its folder, read anew for each request, since structures are edited meanwhile.
    newest
        The request made last, None before the first.
    """
    yield from answer_requests(newest, lambda request: split_job(Project.open(project), request), Stage.INSTANCES)


def split_job(project: Project, request: PiecesRequest) -> Job[PiecesReport]:
    """Split a structure into pieces and measure nothing."""
    choice = request.choice
    (one,) = choice.objects(project)
    settings = InstanceSettings.check(dict(request.settings))
    pieces = yield from instances_job(one.mask, project.specimen_record(choice.specimen).voxel_size, settings)
    yield from write_pieces_job(pieces, Path(request.file))
    return PiecesReport(request.number, pieces.sizes, pieces.n_small)
