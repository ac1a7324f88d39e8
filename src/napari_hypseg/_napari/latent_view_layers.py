"""Latent views as image layers, with names, transforms and colour maps of their own."""

from typing import TYPE_CHECKING, Any

from napari_hypseg._napari.metadata_keys import CHANNEL, PICTURE, PROJECT, SPECIMEN
from napari_hypseg._napari.region_array import TableArray
from napari_hypseg._napari.volume_layers import LayerTuple, image_layers
from napari_hypseg.hierarchy.lookup_array import LookupArray
from napari_hypseg.project.latent_views import COMPONENTS, DENOISED, stored_view
from napari_hypseg.volumes.volume import Volume

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project

PRIMARIES = ("red", "green", "blue")
"""Colours of the first components: added up, one place gets one colour and alike places alike ones."""


def latent_view_layers(
    project: "Project", name: str, specimen: int, view: Volume, visible: bool = True
) -> list[LayerTuple]:
    """Layers of the latent view `name` of a specimen: the lowest covers what is under it, the others add to it."""
    layers = []
    for data, keywords, kind in image_layers(view, visible):
        number, _ = keywords["metadata"][CHANNEL]
        marks = {**keywords["metadata"], PROJECT: str(project.path), SPECIMEN: specimen, PICTURE: name}
        several = len(project.records) > 1
        title = f"{keywords['name']} · {project.records[specimen].name}" if several else keywords["name"]
        changed = {**keywords, "name": title, "metadata": marks, **_colours(name, number)}
        layers.append((_readable(data), {**changed, "visible": visible and changed.get("visible", True)}, kind))
    return layers


def stored_view_layers(project: "Project", specimen: int) -> list[LayerTuple]:
    """Hidden layers of the stored latent views of a specimen."""
    views = [(name, stored_view(project, name, specimen)) for name in (DENOISED, COMPONENTS)]
    return [
        layer
        for name, view in views
        if view is not None
        for layer in latent_view_layers(project, name, specimen, view, visible=False)
    ]


def _colours(name: str, number: int) -> dict[str, Any]:
    cover = {"blending": "translucent"} if number == 0 else {}
    if name != COMPONENTS:
        return cover
    if number >= len(PRIMARIES):
        return {"blending": "translucent", "colormap": "gray", "visible": False}
    return {"colormap": PRIMARIES[number], **cover}


def _readable(data: Any) -> Any:
    """The array as napari can work with it."""
    return TableArray(data.leaves, data.table) if isinstance(data, LookupArray) else data
