"""The records of a project: frozen dataclasses that are converted to JSON and back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError, ProjectError
from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.hierarchy.leaf_features import LeafFeatures
from napari_hypseg.hierarchy.tree import PARTS, Hierarchy
from napari_hypseg.hierarchy.trees import tree_named
from napari_hypseg.io.nifti.affine import direction_from_metadata
from napari_hypseg.project.record_validation import check_binning, check_direction, check_grid, check_place
from napari_hypseg.project.source_files import RecordedFile
from napari_hypseg.storage.json_text import validated
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.chunk_cache import ChunkMemory, cached
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import Direction, LazyArray, Vector3, Volume
from napari_hypseg.volumes.voxel_hash import voxel_hash

FILTERS = "filters"
"""Method of a segmentation that was made by filters alone, before anything was learned."""


@dataclass(frozen=True)
class SpecimenRecord:
    """Where a specimen comes from and where it lies in the world.

    Parameters
    ----------
    name
        Word for the person.
    sources
        Files of the channels, absolute; relative ones lie in the project's folder.
    mask
        File of the mask, None without one.
    relative_sources, relative_mask
        The same files from the project's folder on, so that they are found again when they are moved together; None
        for those inside it, empty in a record of an older version.
    voxels, mask_voxels
        Which voxels the files held when the project was made, see `voxel_hash`; empty where it is not known.
    box
        Part of the grid that counts, None for all of it.
    shape
        Grid (z, y, x).
    voxel_size, unit, origin, direction
        As in `Volume`; they override what the files say, since a header may have been corrected. Records of earlier
        versions have no direction; it is that of the affine in their metadata.
    fingerprint
        Of the specimen when the project was made.
    metadata
        Plain values a format needs to write a companion file.
    digests
        SHA-256 of the files that were written into the project's folder, by their path in it.
    originals
        Files that the voxels were computed from, by their path and by the way from the project's folder to them; they
        need not exist any more.
    binning
        Voxels (z, y, x) of the originals that went into one voxel.
    """

    name: str
    sources: tuple[str, ...]
    mask: str | None
    box: Box | None
    shape: Index3
    voxel_size: Vector3
    unit: str
    origin: Vector3
    fingerprint: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    relative_sources: tuple[str | None, ...] = ()
    relative_mask: str | None = None
    voxels: str = ""
    mask_voxels: str = ""
    direction: Direction | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    originals: tuple[tuple[str, str | None], ...] = ()
    binning: Index3 = (1, 1, 1)

    @classmethod
    def of(cls, specimen: Specimen, sources: Sequence[RecordedFile], mask: RecordedFile | None) -> "SpecimenRecord":
        """Record of an open specimen whose voxels are in `sources` and `mask`."""
        volume = specimen.volume
        return cls(
            volume.name,
            tuple(source.path for source in sources),
            mask.path if mask else None,
            specimen.box,
            volume.shape,
            volume.voxel_size,
            volume.unit,
            volume.origin,
            specimen.fingerprint,
            {key: value.tolist() if hasattr(value, "tolist") else value for key, value in volume.metadata.items()},
            tuple(source.relative for source in sources),
            mask.relative if mask else None,
            voxel_hash(volume),
            voxel_hash(specimen.mask) if specimen.mask else "",
            volume.direction,
            binning=volume.binning,
        )

    @property
    def source_files(self) -> tuple[RecordedFile, ...]:
        """The files of the channels."""
        relative = self.relative_sources or (None,) * len(self.sources)
        return tuple(map(RecordedFile, self.sources, relative))

    @property
    def mask_file(self) -> RecordedFile | None:
        """The file of the mask, None without one."""
        return None if self.mask is None else RecordedFile(self.mask, self.relative_mask)

    @property
    def files(self) -> tuple[RecordedFile, ...]:
        """All of them, the mask last."""
        return self.source_files if self.mask_file is None else (*self.source_files, self.mask_file)

    @property
    def original_files(self) -> tuple[RecordedFile, ...]:
        """The files that the voxels were computed from."""
        return tuple(RecordedFile(*original) for original in self.originals)

    def with_files(self, files: Sequence[RecordedFile]) -> "SpecimenRecord":
        """The same specimen in other files, in the order of `files`."""
        *sources, mask = files if self.mask is not None else (*files, None)
        return replace(
            self,
            sources=tuple(source.path for source in sources if source),
            relative_sources=tuple(source.relative for source in sources if source),
            mask=mask.path if mask else None,
            relative_mask=mask.relative if mask else None,
        )

    @property
    def grid(self) -> Volume:
        """A volume of zeros in the specimen's place, to compare others with while its files stay closed."""
        zeros = np.broadcast_to(np.uint8(0), self.shape)
        return Volume((zeros,), self.voxel_size, self.unit, self.origin, self.name, direction=self.direction)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "SpecimenRecord":
        """Inverse of `as_json`.

        Raises
        ------
        ValueError
            If something is missing or of another kind, or cannot be.
        """
        made = validated(cls, record)
        if not made.sources:
            raise ValueError("sources: there are none")
        if made.relative_sources and len(made.relative_sources) != len(made.sources):
            raise ValueError("relative_sources and sources differ in number")
        check_grid(made.shape)
        check_binning(made.binning)
        check_place(made.voxel_size, made.origin, made.unit)
        if made.box is not None and made.box.intersect(Box.whole(made.shape)).size == 0:
            raise ValueError("box: it holds no voxel")
        if "direction" not in record:
            return replace(made, direction=direction_from_metadata(made.metadata))
        check_direction(made.direction)
        return made


def record_numbered(records: Sequence[SpecimenRecord], specimen: int, project: str) -> SpecimenRecord:
    """The record of specimen number `specimen` of a project.

    Raises
    ------
    InputError
        If there is no such specimen.
    """
    if not 0 <= specimen < len(records):
        raise InputError(f"{project} has no specimen {specimen}; they are numbered from 0 to {len(records) - 1}.")
    return records[specimen]


@dataclass(frozen=True)
class Level:
    """A named, kept cut.

    Parameters
    ----------
    name
        Unique in the project.
    nodes
        Nodes of the cut.
    segmentation
        Fingerprint of the segmentation it cuts.
    tree
        Name of the tree it cuts.
    """

    name: str
    nodes: tuple[int, ...]
    segmentation: str
    tree: str = PARTS

    @property
    def cut(self) -> Cut:
        """The cut that is kept."""
        return Cut(self.nodes, self.tree)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Level":
        """Inverse of `dataclasses.asdict`.

        Raises
        ------
        ValueError
            If something is missing or of another kind.
        """
        return validated(cls, record)


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Leaves and trees, made together and kept together.

    Parameters
    ----------
    fingerprint
        Of the trees.
    hierarchies
        Merge trees over the leaves of all specimens, by name; the first is that of `PARTS`, which is always there.
    leaves
        Leaf-id volume (z, y, x) uint16 of each specimen; 0 is outside, leaf *i* is *i* + 1.
    record
        What made it: method, checkpoint step, seconds.
    load_descriptors, load_features
        Read `descriptors` and `features`.
    damage
        Sentences about trees that cannot be read and are left out.
    certainty
        Percents (z, y, x) uint8 of each specimen, how near regions are to their leaf, 0 outside; empty unless the
        leaves are those of another project.
    coarser
        Leaf ids of each specimen in larger and larger cells, uint16; empty where there are none.
    memory
        What was read last of `pictured`; all segmentations of a project share one.
    """

    fingerprint: str
    hierarchies: Mapping[str, Hierarchy]
    leaves: tuple[LazyArray, ...]
    record: Mapping[str, Any]
    load_descriptors: Callable[[], npt.NDArray[np.float32] | None]
    load_features: Callable[[], LeafFeatures]
    damage: tuple[str, ...] = ()
    certainty: tuple[LazyArray, ...] = ()
    coarser: tuple[tuple[LazyArray, ...], ...] = ()
    memory: ChunkMemory = field(default_factory=ChunkMemory)

    @property
    def from_filters(self) -> bool:
        """Whether it was made by filters alone: it is there to be replaced by what is learned."""
        return self.record.get("method") == FILTERS

    @property
    def carried_from(self) -> str:
        """Name of the project whose leaves and trees these are; empty where they are its own."""
        origin = self.record.get("applied")
        return str(origin.get("name", "")) if isinstance(origin, Mapping) else ""

    @property
    def hierarchy(self) -> Hierarchy:
        """The tree of parts; points, sizes and number of leaves are those of all trees."""
        return self.hierarchies[PARTS]

    def tree(self, name: str) -> Hierarchy:
        """The tree called `name`.

        Raises
        ------
        SettingError
            If it is not there.
        """
        return tree_named(self.hierarchies, name)

    @cached_property
    def descriptors(self) -> npt.NDArray[np.float32] | None:
        """Looks of the leaves at several widths, float32 (K, F); None where an earlier version made the segmentation.

        Raises
        ------
        ProjectError
            If they are damaged; leaves and trees are usable nevertheless.
        """
        return self.load_descriptors()

    @cached_property
    def pictured(self) -> tuple[tuple[LazyArray, ...], ...]:
        """Leaf ids of each specimen, the finest first, with what was read last in memory: for pictures of them."""
        every = zip(self.leaves, self.coarser or ((),) * len(self.leaves), strict=True)
        return tuple(tuple(cached(ids, self.memory) for ids in (finest, *more)) for finest, more in every)

    @cached_property
    def features(self) -> LeafFeatures:
        """What the trees were made of, as far as it was kept.

        Raises
        ------
        ProjectError
            If it is damaged; leaves and trees are usable nevertheless.
        """
        return self.load_features()

    def check(self, shapes: Sequence[Index3]) -> None:
        """Make sure that leaves and tree belong to specimens of `shapes`.

        Raises
        ------
        ProjectError
            If they do not.
        """
        grids = [tuple(map(int, leaves.shape)) for leaves in self.leaves]
        if grids != list(shapes) or any(np.dtype(leaves.dtype) != np.uint16 for leaves in self.leaves):
            raise ProjectError(
                f"The segmentation {self.fingerprint} was made of other specimens than its project holds; run the "
                "segmentation again from the checkpoint."
            )
