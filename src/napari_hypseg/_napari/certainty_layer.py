"""How certain regions are, as a layer over the volume: the less, the redder; what is certain is seen through."""

from typing import TYPE_CHECKING, Any

from napari_hypseg._napari.layer_transform import placement_keywords
from napari_hypseg._napari.metadata_keys import PICTURE, PROJECT, SPECIMEN
from napari_hypseg._napari.volume_layers import LayerTuple

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project

NAME = "certainty"
CLEAR, RED, YELLOW = (0.0, 0.0, 0.0, 0.0), (0.95, 0.15, 0.1, 0.9), (1.0, 0.8, 0.1, 0.4)


def certainty_layers(project: "Project", specimen: int) -> list[LayerTuple]:
    """A hidden layer of percents, if the leaves of the project are those of another one."""
    from napari.utils import Colormap

    percents: tuple[Any, ...] = project.segmentation.certainty if project.segmentation else ()
    if specimen >= len(percents):
        return []
    record = project.records[specimen]
    colours = Colormap([CLEAR, RED, YELLOW, CLEAR], controls=[0.0, 0.005, 0.5, 1.0], name="doubt")
    keywords = {
        "name": NAME,
        "visible": False,
        "colormap": colours,
        "contrast_limits": (0, 100),
        "blending": "translucent",
        "interpolation2d": "nearest",
        "metadata": {PROJECT: str(project.path), SPECIMEN: specimen, PICTURE: NAME},
        **placement_keywords(record.voxel_size, record.unit, record.origin),
    }
    return [(percents[specimen], keywords, "image")]
