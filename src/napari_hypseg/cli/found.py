"""What `hypseg locate` has to do for a specimen, and what came of it."""

from dataclasses import dataclass
from pathlib import Path

from napari_hypseg.cli.batch import Scan
from napari_hypseg.io.size_report import SizeReport
from napari_hypseg.volumes.proposal import Proposal


@dataclass(frozen=True, eq=False)
class Task:
    """A specimen and where its box, and the files of its crop if one is wanted, are written."""

    scan: Scan
    box_file: Path
    crops: tuple[Path, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """Everything that is written."""
        return (self.box_file, *self.crops)


@dataclass(frozen=True)
class Crop:
    """The files of a sample that was saved by itself, what that saves, and the seconds it took."""

    paths: tuple[Path, ...]
    savings: SizeReport
    seconds: float


@dataclass(frozen=True, eq=False)
class Found:
    """Where the sample is, and its crop once that is written."""

    task: Task
    proposal: Proposal
    crop: Crop | None = None
