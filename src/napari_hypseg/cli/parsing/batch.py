"""Work on many specimens: the failure of one is reported at the end and does not stop the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.parsing.specimens import doubted, voxel_sizes
from napari_hypseg.errors import HypsegError, InputError
from napari_hypseg.io.opening import open_channels
from napari_hypseg.io.specimen_names import unique_names
from napari_hypseg.volumes import Volume
from napari_hypseg.volumes.coarse import coarsen

READING_EDGE = 32
"""Cells along an axis of the copy that is made only to see whether a file can be read."""


@dataclass(frozen=True, eq=False)
class Scan:
    """One specimen of several, opened: its word on the command line, its name among the others, and its channels."""

    text: str
    name: str
    volume: Volume


@dataclass(frozen=True)
class Failure:
    """What could not be done for a specimen, and the exit code that says so."""

    specimen: str
    sentence: str
    exit_code: int

    @classmethod
    def of(cls, text: str, error: Exception) -> "Failure":
        """The failure of the specimen `text`; whatever a library of a file format raises becomes a sentence."""
        if isinstance(error, HypsegError):
            return cls(text, str(error), error.exit_code)
        reason = str(error) or type(error).__name__
        return cls(text, f"{text} cannot be read ({reason}); copy or export it again.", InputError.exit_code)


def open_scans(texts: Sequence[str], sizes: Sequence[str] = ()) -> tuple[list[Scan], list[Failure]]:
    """Open every specimen that can be.

    Parameters
    ----------
    texts
        Paths; several joined by ``+`` are the channels of one specimen.
    sizes
        Voxel sizes that go before what the files say: none, one for all specimens, or one for each.

    Raises
    ------
    HypsegError
        If none can be, or their channels differ in number: which of them was meant cannot be known.
    """
    volumes, failures = list[Volume | None](), list[Failure]()
    for text, size in zip(texts, voxel_sizes(sizes, len(texts)), strict=True):
        try:
            volume = open_channels(text)
            volumes.append(volume if size is None else volume.with_voxel_size(*size))
        except HypsegError as error:
            volumes.append(None)
            failures.append(Failure.of(text, error))
    each = zip(texts, unique_names(texts, volumes), volumes, strict=True)
    scans = [Scan(text, name, _doubted(volume)) for text, name, volume in each if volume is not None]
    require_some(scans, failures)
    _require_like_channels(scans)
    return scans, failures


def _doubted(volume: Volume) -> Volume:
    """`volume` with a note if its voxels look longer along one axis; what cannot be read is told when it is wanted."""
    try:
        return doubted(volume)
    except Exception:  # libraries of file formats raise what they like
        return volume


def unreadable(scans: Sequence[Scan], show: Callable[[Any], None]) -> list[Failure]:
    """Those whose voxels cannot be read although the file could be opened: each is read once to find out."""
    failures = []
    for scan in scans:
        try:
            drive_interruptible(coarsen(scan.volume, READING_EDGE), show)
        except Exception as error:  # libraries of file formats raise what they like
            failures.append(Failure.of(scan.text, error))
    return failures


def require_some(scans: Sequence[Scan], failures: Sequence[Failure]) -> None:
    """Check that anything is left.

    Raises
    ------
    HypsegError
        With the sentence and exit code of the first failure otherwise.
    """
    if scans:
        return
    first, *others = failures
    rest = f" Nor can any of the {len(others)} other specimens be used." if others else ""
    error = HypsegError(first.sentence + rest)
    error.exit_code = first.exit_code
    raise error


def _require_like_channels(scans: Sequence[Scan]) -> None:
    first = scans[0]
    for scan in scans:
        if (count := len(scan.volume.channels)) != (wanted := len(first.volume.channels)):
            raise InputError(
                f"{first.text} has {wanted} channels but {scan.text} has {count}; specimens that are looked at "
                "together need the same channels, in the same order."
            )
