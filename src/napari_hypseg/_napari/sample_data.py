"""The phantom tomogram and its truth as napari's sample data."""

from dataclasses import replace

from napari_hypseg._napari.volume_layers import LayerTuple, image_layers, labels_layer
from napari_hypseg.volumes.phantom import NAMES, phantom


def phantom_sample() -> list[LayerTuple]:
    """A phantom tomogram of 50³ voxels and, hidden, the six classes it was made of."""
    specimen = phantom()
    truth = replace(specimen.truth(), name="phantom truth", metadata={"names": dict(NAMES)})
    return [*image_layers(specimen.volume), labels_layer(truth, visible=False)]
