"""napari's way out for images: a volume with its voxel size and origin."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg._napari.layer_project import project_inputs
from napari_hypseg._napari.layer_transform import placement_from_layer
from napari_hypseg._napari.metadata_keys import DIRECTION, SOURCE, VOLUME_METADATA
from napari_hypseg.errors import OutputError
from napari_hypseg.io.writing import write_volume_job
from napari_hypseg.jobs import Notice, drive
from napari_hypseg.volumes import Box, Volume


def write_image(path: Path, data: Any, keywords: Mapping[str, Any]) -> list[str]:
    """Write one image layer; the ending of `path` names the format.

    Raises
    ------
    OutputError
        If the layer is no grey volume, is rotated or sheared, or the file cannot be written.
    SettingError
        If the ending is none that volumes can be written to.
    """
    volume = image_volume(data, keywords)
    job = write_volume_job(path, volume, Box.whole(volume.shape), inputs=project_inputs(keywords))
    return [str(written) for written in drive(job, _tell)]


def image_volume(data: Any, keywords: Mapping[str, Any]) -> Volume:
    """An image layer as napari hands it over, as a volume; of several resolutions the finest.

    Raises
    ------
    OutputError
        If the layer is no grey volume, or is rotated or sheared.
    """
    name, metadata = keywords.get("name", "image"), keywords.get("metadata") or {}
    voxels = data[0] if keywords.get("multiscale") else data
    if keywords.get("rgb") or len(voxels.shape) != 3:
        kind = "in colour" if keywords.get("rgb") else f"of {len(voxels.shape)} axes"
        raise OutputError(f"The layer {name} is an image {kind}; only grey volumes with three axes are written so.")
    return Volume(
        (np.asarray(voxels, dtype=np.uint8) if np.dtype(voxels.dtype) == bool else voxels,),
        *placement_from_layer(keywords, OutputError),
        name=name,
        sources=tuple(Path(source) for source in metadata.get(SOURCE, ())),
        metadata=metadata.get(VOLUME_METADATA) or {},
        direction=metadata.get(DIRECTION),
    )


def _tell(event: Any) -> None:
    from napari.utils.notifications import show_warning

    if isinstance(event, Notice):
        show_warning(event.message)
