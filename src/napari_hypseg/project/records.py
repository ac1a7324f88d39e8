"""What a project remembers, as frozen records that turn into JSON and back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import LazyArray, Vector3


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
    box
        Part of the grid that counts, None for all of it.
    shape
        Grid (z, y, x).
    voxel_size, unit, origin
        As in `Volume`; they override what the files say, since a header may have been corrected.
    fingerprint
        Of the specimen when the project was made.
    metadata
        Plain values a format needs to write a companion file.
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

    @classmethod
    def of(cls, specimen: Specimen, sources: tuple[Path, ...], mask: Path | None) -> "SpecimenRecord":
        """Record of an open specimen whose voxels are in `sources` and `mask`."""
        volume = specimen.volume
        return cls(
            volume.name,
            tuple(str(source) for source in sources),
            str(mask) if mask else None,
            specimen.box,
            volume.shape,
            volume.voxel_size,
            volume.unit,
            volume.origin,
            specimen.fingerprint,
            {key: value.tolist() if hasattr(value, "tolist") else value for key, value in volume.metadata.items()},
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "SpecimenRecord":
        """Inverse of `as_json`."""
        box = record["box"]
        triples = {key: tuple(record[key]) for key in ("shape", "voxel_size", "origin", "sources")}
        return cls(**{**record, **triples, "box": Box(tuple(box["start"]), tuple(box["stop"])) if box else None})


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
    """

    name: str
    nodes: tuple[int, ...]
    segmentation: str

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Level":
        """Inverse of `dataclasses.asdict`."""
        return cls(record["name"], tuple(record["nodes"]), record["segmentation"])


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Leaves and tree, made together and kept together.

    Parameters
    ----------
    fingerprint
        Of the tree.
    hierarchy
        Merge tree over the leaves of all specimens.
    leaves
        Leaf-id volume (z, y, x) uint16 of each specimen; 0 is outside, leaf *i* is *i* + 1.
    record
        What made it: method, checkpoint step, seconds.
    """

    fingerprint: str
    hierarchy: Hierarchy
    leaves: tuple[LazyArray, ...]
    record: Mapping[str, Any]
