"""The layer of how certain regions are: there for carried-over projects alone, hidden, and red where it is doubtful."""

from dataclasses import replace

import numpy as np
from napari.layers import Layer

from napari_hypseg._napari.certainty_layer import certainty_layers
from napari_hypseg._napari.layer_project import is_made_here


def test_a_carried_over_project_has_a_layer_of_doubt(project, leaves):
    assert certainty_layers(project, 0) == []
    project.segmentation = replace(project.segmentation, certainty=(np.full(leaves.shape, 90, np.uint8),))
    ((data, keywords, kind),) = certainty_layers(project, 0)
    layer = Layer.create(data, keywords, kind)
    assert not layer.visible
    assert is_made_here(layer), "it is no volume to learn from"
    outside, doubtful, certain = layer.colormap.map(np.array([0.0, 0.01, 1.0]))
    assert outside[3] == certain[3] == 0
    assert doubtful[3] > 0.8
    assert doubtful[0] > doubtful[1]
