"""Volumes of one kind, of which some are named and one is new."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from benchmarks.clicks.subjects import subjects
from benchmarks.real.annotated_volumes import KnownSpecimen
from napari_hypseg.io.opening import open_volume
from napari_hypseg.volumes.box import Box
from napari_hypseg.volumes.specimen import Specimen

BRAINS = "brats2013_open"
STRUCTURES = ("whole tumour", "tumour core", "enhancing")
"""Of a brain, those that are asked for."""


@dataclass(frozen=True)
class Case:
    """Volumes of one kind.

    Parameters
    ----------
    name
        For the table.
    load
        Reads them; their labels may be unknown.
    structures
        What is named; empty where labels are not known, and regions of all volumes learned together stand for them.
    """

    name: str
    load: Callable[[], Sequence[KnownSpecimen]]
    structures: tuple[str, ...] = ()


def cases(data: Path) -> tuple[Case, ...]:
    """All of them."""
    return (
        Case(BRAINS, partial(_brains, data), STRUCTURES),
        Case("cryoet_microtubules", partial(_files, data / "cryoet_microtubules", ("13pf_MT.mrc", "14pf_MT.mrc"))),
        Case("cryoet_hiv_vlp", partial(_halves, data / "cryoet_hiv_vlp" / "tomogram.mrc")),
    )


def _brains(data: Path) -> list[KnownSpecimen]:
    return [subject.load() for subject in subjects(data, [BRAINS], 0, None)]


def _files(folder: Path, names: Sequence[str]) -> list[KnownSpecimen]:
    return [KnownSpecimen(name, Specimen(open_volume(folder / name)), None, {}) for name in names]


def _halves(path: Path) -> list[KnownSpecimen]:
    """The lower and the upper half of a volume along y, as two volumes."""
    whole = open_volume(path)
    z, y, x = whole.shape
    boxes = {"lower half": Box((0, 0, 0), (z, y // 2, x)), "upper half": Box((0, y // 2, 0), (z, y, x))}
    return [
        KnownSpecimen(
            name,
            Specimen(replace(whole, channels=(whole.read(box)[0],), origin=whole.to_world(box.start), sources=())),
            None,
            {},
        )
        for name, box in boxes.items()
    ]
