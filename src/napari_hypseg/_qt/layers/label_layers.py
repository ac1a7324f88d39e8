"""The layers of a viewer whose voxels are labels that a person has: masks, annotations, the results of other tools."""

from weakref import WeakKeyDictionary

from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer

from napari_hypseg._napari.layer_project import is_made_here
from napari_hypseg._napari.voxel_statistics import looks_like_mask


class LabelLayers:
    """Finds them; images are looked into once."""

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer
        self._label_like: WeakKeyDictionary[Image, bool] = WeakKeyDictionary()

    def named(self) -> list[tuple[str, Labels | Image]]:
        """Labels, and images of few whole numbers, of three axes that this plugin did not make, each with its name."""
        layers = [layer for layer in self._viewer.layers if self._holds_labels(layer)]
        return [(one.name if isinstance(one, Labels) else f"{one.name} (image)", one) for one in layers]

    def _holds_labels(self, layer: Layer) -> bool:
        if is_made_here(layer) or layer.ndim != 3:
            return False
        if isinstance(layer, Image) and layer not in self._label_like:
            self._label_like[layer] = looks_like_mask(layer)
        return isinstance(layer, Labels) or self._label_like.get(layer, False)
