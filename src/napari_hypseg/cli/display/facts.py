"""What a volume is, without reading all of it, and what a project holds: plain values for `hypseg info`."""

from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.project.project import Project
from napari_hypseg.volumes import LazyArray, Volume
from napari_hypseg.volumes.anisotropy import voxel_size_doubt
from napari_hypseg.volumes.voxel_checks import check_volume

BLOCKS_PER_AXIS = 4
BLOCK_EDGE = 24


def volume_facts(volume: Volume) -> dict[str, Any]:
    """Plain facts about a volume; grey values are those of a sample of blocks spread over it."""
    return {
        "kind": "volume",
        "name": volume.name,
        "sources": list(volume.sources),
        "shape": volume.shape,
        "voxel_size": volume.voxel_size,
        "unit": volume.unit,
        "origin": volume.origin,
        "direction": volume.direction,
        "channels": [_channel_facts(channel) for channel in volume.channels],
        "notes": [*volume.notes, *voxel_size_doubt(volume), *_odd(volume)],
    }


def _odd(volume: Volume) -> tuple[str, ...]:
    """What is odd about the voxels, be it so bad that nothing can be learned from them."""
    try:
        return check_volume(volume)
    except InputError as error:
        return (str(error),)


def _channel_facts(channel: LazyArray) -> dict[str, Any]:
    sample = _sample(channel)
    finite = sample[np.isfinite(sample)]
    known = finite.size > 0
    return {
        "dtype": str(np.dtype(channel.dtype)),
        "minimum": float(finite.min()) if known else None,
        "maximum": float(finite.max()) if known else None,
        "mean": float(finite.mean()) if known else None,
        "whole": sample.size == np.prod(channel.shape),
    }


def _sample(channel: LazyArray) -> npt.NDArray[np.float64]:
    """Values of blocks on a regular lattice; all of them where the volume is small."""
    lattices = [_starts(length) for length in channel.shape]
    blocks = [
        np.asarray(channel[z : z + BLOCK_EDGE, y : y + BLOCK_EDGE, x : x + BLOCK_EDGE], dtype=np.float64).ravel()
        for z in lattices[0]
        for y in lattices[1]
        for x in lattices[2]
    ]
    return np.concatenate(blocks)


def _starts(length: int) -> list[int]:
    """Where blocks begin along an axis, first and last included."""
    if length <= BLOCKS_PER_AXIS * BLOCK_EDGE:
        return list(range(0, length, BLOCK_EDGE))
    return [round(start) for start in np.linspace(0, length - BLOCK_EDGE, BLOCKS_PER_AXIS)]


def project_facts(project: Project) -> dict[str, Any]:
    """Which stages are done, what they were made with, what is damaged."""
    return {
        "kind": "project",
        "path": project.path,
        "specimens": [asdict(record) for record in project.records],
        "settings": project.settings.model_dump(mode="json"),
        "checkpoint": project.has_checkpoint,
        "training": {key: value for key, value in project.training.items() if not isinstance(value, list)},
        "leaves": project.hierarchy.n_leaves if project.hierarchy else None,
        "trees": list(project.hierarchies),
        "segmentation": dict(project.segmentation.record) if project.segmentation else None,
        "regions": project.n_regions,
        "levels": [{"name": one.name, "regions": len(one.nodes), "tree": one.tree} for one in project.levels],
        "structures": structure_facts(project),
        "edits": len(project.structures.steps) if project.structures is not None else 0,
        "damage": project.damage,
        "notes": project.source_notes(),
    }


def structure_facts(project: Project) -> list[dict[str, Any]]:
    """Name, number of voxels over all specimens, and what they lie inside of, of the structures of a project."""
    structures = project.structures
    if structures is None:
        return []
    sizes, annotation = structures.sizes, structures.annotation
    return [
        {
            "name": one.name,
            "voxels": sizes[one.id],
            "inside": None if one.parent is None else annotation.structure(one.parent).name,
            "locked": one.locked,
        }
        for one in annotation.structures.values()
    ]
