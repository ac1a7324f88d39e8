"""Real volumes of which it is known what is where; they are read where they lie and never copied."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.locate.box_scores import bounding_box
from benchmarks.real.annotated_groups import Paths, read_paths
from napari_hypseg.io.opening import open_volume
from napari_hypseg.volumes.alignment import align_to, join_channels
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import LazyArray, Vector3, Volume

HIERARCHY = "hierarchy.json"
Dice = Mapping[str, float]


@dataclass(frozen=True)
class KnownCase:
    """A folder of the example volumes.

    Parameters
    ----------
    name
        Of the case.
    folder
        Of its files, where that has another name.
    content
        What is in it.
    channels
        Files of one specimen.
    labels
        File of its labels; None where nobody knows them, and there is only something to look at.
    specimens
        Pattern of the folders of specimens; empty if the folder holds just one.
    mask
        File whose voxels above 0 count; what lies outside their box is never looked at.
    whole
        What everything labelled is, where no file says what the labels are.
    size
        Voxel size (z, y, x) and its unit, where the files do not say.
    told
        Best-node Dice by group, by who says so.
    of_three
        Dice of the best of three regions by group, by who says so.
    """

    name: str
    content: str
    channels: tuple[str, ...]
    labels: str | None = None
    specimens: str = ""
    mask: str | None = None
    whole: str = "labelled"
    size: tuple[Vector3, str] | None = None
    told: Mapping[str, Dice] = field(default_factory=dict)
    folder: str = ""
    of_three: Mapping[str, Dice] = field(default_factory=dict)

    @property
    def asked(self) -> tuple[str, ...]:
        """Groups of which something is asked."""
        return tuple(self.told.get(ASKED, ()))


ASKED = "asked for"
SIMPLE = "simple features, 64 leaves"
"""What k-means leaves of intensities and a Ward tree reached in trials before there was this project."""
CASES = (
    KnownCase(
        "brats2013_open",
        "brains with a tumour, FLAIR and T1c",
        ("flair.nii.gz", "t1c.nii.gz"),
        "labels.nii.gz",
        specimens="pat*",
        mask="brainmask.nii.gz",
        told={
            ASKED: {"whole tumour": 0.85, "tumour core": 0.72, "enhancing": 0.72},
            SIMPLE: {"whole tumour": 0.79, "tumour core": 0.61, "enhancing": 0.63},
        },
    ),
    KnownCase(
        "sstem_vnc",
        "a fly's nerve cord in serial sections, ten times coarser along z",
        ("raw.tif",),
        "labels.tif",
        size=((50.0, 4.6, 4.6), "nanometer"),
        told={
            ASKED: {"mitochondrion": 0.60, "membrane": 0.72},
            SIMPLE: {"mitochondrion": 0.31, "membrane": 0.63, "cytosol": 0.92},
        },
    ),
    KnownCase("mri_t1_freesurfer", "a healthy brain, T1; labels by software", ("t1_norm.nii.gz",), "labels.nii.gz"),
    KnownCase("ct_carp", "a fish in air; labels made by thresholds", ("ct.nii.gz",), "labels_silver.nii.gz"),
    KnownCase(
        "lm_nuclei",
        "fluorescent nuclei",
        ("nuclei.tif",),
        "labels.tif",
        whole="nuclei",
        size=((0.29, 0.26, 0.26), "micrometer"),
    ),
    KnownCase("cryoet_hiv_vlp", "virus-like particles in ice, a cryo-electron tomogram", ("tomogram.mrc",)),
    KnownCase(
        "lm_plant_nuclei",
        "noisy fluorescent nuclei of an ovule",
        ("raw.tif",),
        "labels.tif",
        whole="nuclei",
        size=((0.284, 0.128, 0.128), "micrometer"),
    ),
    KnownCase("ct_abdomen_totalseg", "an abdomen, CT; labels by software", ("ct.nii.gz",), "labels_totalseg.nii.gz"),
    KnownCase("ct_cranium", "a head, CT; bone by a threshold", ("ct.nii.gz",), "mask_0.nii.gz", whole="bone"),
)
"""Each volume once."""
FLAIR = replace(
    CASES[0],
    name="brats2013_flair",
    content="the same brains, FLAIR alone",
    channels=("flair.nii.gz",),
    told={},
    folder=CASES[0].name,
    of_three={
        name: {"whole tumour": dice}
        for name, dice in {
            "Hsu et al. 2021": 0.684,
            "Nalepa et al.": 0.495,
            "Moriya et al.": 0.425,
            "Ji et al. (IIC)": 0.211,
            "the best semi-supervised": 0.760,
            "supervised": 0.888,
        }.items()
    },
)
"""The experiment of Hsu et al. (2021), who used BraTS 2019; the Dice are those in their table."""
EVERY = (*CASES, FLAIR)


@dataclass(frozen=True, eq=False)
class KnownSpecimen:
    """A specimen in memory, cut to what counts.

    Parameters
    ----------
    name
        Of its folder.
    specimen
        Channels and mask.
    labels
        (z, y, x) on the grid of the specimen; None where they are not known.
    paths
        Of each label from the whole to the part.
    """

    name: str
    specimen: Specimen
    labels: npt.NDArray[Any] | None
    paths: Paths


def folders_of(case: KnownCase, data: Path) -> list[Path]:
    """The folder of each specimen of a case that is there."""
    folder = data / (case.folder or case.name)
    found = sorted(folder.glob(case.specimens)) if case.specimens else [folder]
    return [one for one in found if (one / case.channels[0]).exists()]


def load(case: KnownCase, folder: Path, most: Index3 | None = None) -> KnownSpecimen:
    """Read one specimen of a case, of its middle no more than `most` voxels (z, y, x).

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    whole = join_channels([open_volume(folder / name) for name in case.channels])
    mask = align_to(open_volume(folder / case.mask), whole) if case.mask else None
    box = bounding_box(np.asarray(mask.channels[0][:]) > 0) if mask else whole.box
    box = _middle(box, most) if most else box
    volume, mask = _cut(whole, box), _cut(mask, box) if mask else None
    if case.size:
        volume = replace(volume, voxel_size=case.size[0], unit=case.size[1])
    specimen = Specimen(volume, mask)
    labels = _read(align_to(open_volume(folder / case.labels), whole).channels[0], box) if case.labels else None
    return KnownSpecimen(folder.name, specimen, labels, _paths(case, folder, labels))


def _paths(case: KnownCase, folder: Path, labels: npt.NDArray[Any] | None) -> Paths:
    named = [place / HIERARCHY for place in (folder, folder.parent) if (place / HIERARCHY).exists()]
    if named:
        return read_paths(named[0])
    return {} if labels is None else {label: (case.whole,) for label in _above_0(labels)}


def _above_0(labels: npt.NDArray[Any]) -> Iterator[int]:
    return (label for label in np.unique(labels).tolist() if label > 0)


def _cut(volume: Volume, box: Box) -> Volume:
    channels = tuple(_read(channel, box) for channel in volume.channels)
    return replace(volume, channels=channels, origin=volume.to_world(box.start), sources=(), notes=())


def _read(channel: LazyArray, box: Box) -> npt.NDArray[Any]:
    return np.asarray(channel[box.slices])


def _middle(box: Box, most: Index3) -> Box:
    shape = [min(n, limit) for n, limit in zip(box.shape, most, strict=True)]
    z, y, x = (a + (n - m) // 2 for a, n, m in zip(box.start, box.shape, shape, strict=True))
    return Box((z, y, x), (z + shape[0], y + shape[1], x + shape[2]))
