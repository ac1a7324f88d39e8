"""What of a project is to be measured, as the window asks for it, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.errors import OutputError
from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.jobs import Job, Progress, Stage
from napari_hypseg.pipeline.measure import measure_objects_job
from napari_hypseg.pipeline.measured import NamedMask, region_masks, structure_masks
from napari_hypseg.project.project import Project
from napari_hypseg.structures.instances import Instances, InstanceSettings
from napari_hypseg.structures.measurement_summary import MeasuredKind
from napari_hypseg.structures.measurement_table import MeasurementTable


@dataclass(frozen=True)
class MeasureChoice:
    """What to measure.

    Parameters
    ----------
    regions
        The cut whose regions are measured; None for structures.
    structure
        Name of the structure whose pieces are measured; empty for all structures as a whole.
    distance_to
        Name of the structure that distances are measured to; empty for none.
    specimen
        Its number.
    """

    regions: Cut | None = None
    structure: str = ""
    distance_to: str = ""
    specimen: int = 0

    @property
    def in_pieces(self) -> bool:
        """Whether pieces are measured."""
        return bool(self.structure)

    def objects(self, project: Project) -> tuple[NamedMask, ...]:
        """The structures or regions."""
        if self.regions is not None:
            return region_masks(project, self.regions, specimen=self.specimen)
        return structure_masks(project, (self.structure,) if self.structure else (), self.specimen)


@dataclass(frozen=True, eq=False)
class MeasureReport:
    """What was measured, without the voxels of pieces.

    Parameters
    ----------
    table
        One row for each structure, region or piece.
    what
        What the rows stand for.
    n_small
        Pieces that were left out because they are smaller than wanted.
    """

    table: MeasurementTable
    what: MeasuredKind
    n_small: int = 0


def measure_choice_job(
    project: Project, choice: MeasureChoice, settings: Mapping[str, Any], pieces_file: Path
) -> Job[MeasureReport]:
    """Measure what was chosen.

    Parameters
    ----------
    project, choice
        What.
    settings
        `InstanceSettings`, for pieces.
    pieces_file
        Where the ids of pieces are written, over the whole grid (z, y, x), as ``.npy``.
    """
    objects = choice.objects(project)
    target = None
    if choice.distance_to:
        (target,) = structure_masks(project, (choice.distance_to,), choice.specimen)
    split = InstanceSettings.check(dict(settings)) if choice.in_pieces else None
    measured = yield from measure_objects_job(project, objects, choice.specimen, split, target)
    for pieces in measured.pieces:
        yield from write_pieces_job(pieces, pieces_file)
    kind = "structure" if choice.regions is None else "region"
    what = MeasuredKind(kind, tuple(one.name for one in objects), choice.in_pieces)
    return MeasureReport(measured.table, what, measured.n_small)


def write_pieces_job(pieces: Instances, path: Path) -> Job[None]:
    """Write the ids of all voxels (z, y, x) as ``.npy``; what lies outside the pieces takes no room on most disks.

    Raises
    ------
    OutputError
        If there is no room.
    """
    box, shape, dtype = pieces.data.box, pieces.data.shape, pieces.data.dtype
    plane = shape[1] * shape[2] * dtype.itemsize
    try:
        with path.open("wb") as file:
            described = {"descr": dtype.str, "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, described)
            start = file.tell()
            file.truncate(start + plane * shape[0])
            for z in range(box.start[0], box.stop[0]):
                file.seek(start + z * plane)
                file.write(pieces.data[z : z + 1].tobytes())
                yield Progress(Stage.INSTANCES, z - box.start[0], box.shape[0])
    except OSError as error:
        raise OutputError(
            f"The pieces cannot be written to {path.parent} ({error.strerror}); free some space there or let the "
            "environment variable TMPDIR name another folder."
        ) from error
