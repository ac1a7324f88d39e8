"""What is clicked in: every example volume whose labels are known, and generated ones."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.phantom.split import FULL_SPLIT, TEST
from benchmarks.real.annotated_volumes import CASES, KnownSpecimen, folders_of, load
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.phantom import HIERARCHY, phantom
from napari_hypseg.volumes.specimen import Specimen

PHANTOM = "phantom"
LABELLED = tuple(case for case in CASES if case.labels)
"""Example volumes with labels; those of the page of qualities first."""


@dataclass(frozen=True)
class Subject:
    """A specimen whose labels are known, not read yet.

    Parameters
    ----------
    volume, specimen
        Names of its case and of itself.
    load
        Reads or generates it.
    """

    volume: str
    specimen: str
    load: Callable[[], KnownSpecimen]


def names() -> tuple[str, ...]:
    """Of all volumes."""
    return (PHANTOM, *(case.name for case in LABELLED))


def subjects(data: Path | None, wanted: Sequence[str], phantoms: int, most: Index3 | None) -> Iterator[Subject]:
    """The specimens of the `wanted` volumes, all if none is named: generated ones first, then those in `data`.

    Parameters
    ----------
    phantoms
        How many are generated.
    most
        Voxels (z, y, x) of a volume's middle that are looked at, None for all of them.
    """
    if not wanted or PHANTOM in wanted:
        for seed in FULL_SPLIT.seeds(TEST)[:phantoms]:
            edge = min(FULL_SPLIT.edge, *most) if most else FULL_SPLIT.edge
            yield Subject(PHANTOM, str(seed), partial(_phantom, edge, seed))
    for case in (case for case in LABELLED if data and (not wanted or case.name in wanted)):
        for folder in folders_of(case, data) if data else []:
            yield Subject(case.name, folder.name, partial(load, case, folder, most))


def _phantom(edge: int, seed: int) -> KnownSpecimen:
    made = phantom((edge,) * 3, seed)
    return KnownSpecimen(str(seed), Specimen(made.volume), made.labels, HIERARCHY)
