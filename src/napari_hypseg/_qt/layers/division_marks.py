"""The marks A and B of a division that is being prepared, as points over the picture."""

from napari.components import ViewerModel
from napari.layers import Points

from napari_hypseg._napari.layer_transform import placement_keywords
from napari_hypseg._napari.napari_internals import add_unselected
from napari_hypseg._qt.model import WindowModel
from napari_hypseg.volumes.box import Index3

NAME = "A and B"
COLOURS = {"A": "#ffb000", "B": "#33d6e5"}
SIZE = 3.0
"""Voxels."""


class DivisionMarks:
    """Shows marks, and takes the layer away with the last one."""

    def __init__(self, viewer: ViewerModel, model: WindowModel) -> None:
        self._viewer, self._model = viewer, model
        self._layer: Points | None = None

    def show(self, specimen: int, marks: dict[str, list[Index3]]) -> None:
        """Show marks by their letter, on a specimen."""
        if self._layer is not None and self._layer in self._viewer.layers:
            self._viewer.layers.remove(self._layer)
        self._layer = None
        project = self._model.project
        letters = [letter for letter, places in marks.items() for _ in places]
        if not letters or project is None:
            return
        record = project.records[specimen]
        self._layer = Points(
            [place for places in marks.values() for place in places],
            name=NAME,
            size=SIZE,
            face_color=[COLOURS[letter] for letter in letters],
            border_color="black",
            features={"mark": letters},
            text={"string": "{mark}", "color": "white", "anchor": "upper_left"},
            **placement_keywords(record.voxel_size, record.unit, record.origin),
        )
        add_unselected(self._viewer, self._layer)
