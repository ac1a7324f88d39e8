"""How images look in the viewer, kept while their layers are exchanged for others of the same names."""

from collections.abc import Iterable, Mapping
from typing import Any

from napari.layers import Image, Layer

LOOKS = ("contrast_limits", "colormap", "gamma", "opacity", "blending", "visible")
Display = Mapping[str, Mapping[str, Any]]


def image_display(layers: Iterable[Layer]) -> Display:
    """The looks of images, by the names of their layers."""
    images = [layer for layer in layers if isinstance(layer, Image)]
    return {layer.name: {look: getattr(layer, look) for look in LOOKS} for layer in images}


def with_display(layers: Iterable[Any], display: Display) -> list[Layer]:
    """The layers that readers give, made, with the looks of those of the same names."""
    made = [given if isinstance(given, Layer) else Layer.create(*given) for given in layers]
    for layer in made:
        for look, value in display.get(layer.name, {}).items() if isinstance(layer, Image) else ():
            setattr(layer, look, value)
    return made
