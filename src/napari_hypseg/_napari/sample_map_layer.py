"""The map of evidence for the sample as a layer over the volume."""

from typing import Any

import numpy as np
from napari.layers import Image

from napari_hypseg._napari.metadata_keys import SAMPLE
from napari_hypseg.volumes.proposal import Proposal

OPACITY = 0.4


def map_layer(volume: Image, proposal: Proposal) -> Image:
    """Layer of the map of `proposal` over the layer of its volume: 0 is clear, 1 is bright."""
    return Image(
        proposal.map,
        name=f"sample map {volume.name}",
        contrast_limits=(0, 1),
        colormap="magma",
        blending="translucent_no_depth",  # adding it up would wash bright voxels out
        interpolation2d="linear",
        opacity=OPACITY,
        visible=volume.visible,
        metadata={SAMPLE: volume.name},
        **map_placement(volume, proposal),
    )


def map_placement(volume: Image, proposal: Proposal) -> dict[str, Any]:
    """Scale, translate and units that lay cell *i* of the map over the voxels ``[i·step, (i + 1)·step)``.

    napari places centres, and the centre of cell 0 lies ``(step − 1) / 2`` voxels behind that of voxel 0.
    """
    step, size = np.asarray(proposal.step), np.asarray(volume.scale)
    return {
        "scale": size * step,
        "translate": np.asarray(volume.translate) + (step - 1) / 2 * size,
        "units": volume.units,
    }
