"""Boxes and maps in the viewer: one of each for a specimen, always where its volume is."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Layer

from napari_hypseg._napari.box_layer import BoxLayer
from napari_hypseg._napari.metadata_keys import SAMPLE
from napari_hypseg._napari.napari_internals import add_unselected
from napari_hypseg._napari.sample_map_layer import map_layer, map_placement
from napari_hypseg._qt.jobs.tasks import Steps, StepTask
from napari_hypseg._qt.layers.box_cursor import show_arrows
from napari_hypseg._qt.layers.boxes import Boxes, grid_of
from napari_hypseg._qt.notifications import show_exception
from napari_hypseg.volumes import Box
from napari_hypseg.volumes.proposal import Proposal


class SampleView:
    """Finds, adds and changes the layers that show where the sample is."""

    def __init__(self, viewer: ViewerModel, boxes: Boxes) -> None:
        self._viewer, self._boxes = viewer, boxes
        self._shown: dict[Image, BoxLayer] = {}
        self._maps: dict[Image, tuple[Image, Proposal]] = {}
        boxes.changed.connect(self.show_boxes)

    def owner_of(self, layer: Layer | None) -> Image | None:
        """The volume that a box or a map belongs to; any other layer stands for itself."""
        pairs = [(volume, box.layer) for volume, box in self._shown.items()]
        pairs += [(volume, shown) for volume, (shown, _) in self._maps.items()]
        return next((volume for volume, shown in pairs if shown is layer), layer)

    def show_boxes(self) -> None:
        """Show every box there is, and no other."""
        wanted = dict(self._boxes.items())
        for volume in [volume for volume in self._shown if volume not in wanted]:
            self._shown.pop(volume).remove()
        for volume, box in wanted.items():
            if volume in self._shown:
                self._shown[volume].set_box(box)
            elif volume in self._viewer.layers:
                self._add_box(volume, box)

    def show_map(self, volume: Image, proposal: Proposal) -> Steps:
        """Show the map of `proposal` in place of an earlier one of the same volume; what is selected stays so."""
        shown, _ = self._maps.get(volume, (None, None))
        if shown is None or shown not in self._viewer.layers:
            shown = map_layer(volume, proposal)
            shown.visible = False
            yield None
            add_unselected(self._viewer, shown)
            yield None
        else:  # adding and removing layers makes napari stutter
            shown.data = proposal.map
        shown.visible = volume.visible
        self._maps[volume] = (shown, proposal)
        _place(shown, map_placement(volume, proposal))

    def hide_map(self, volume: Image) -> None:
        """Take the map of `volume` out of the picture."""
        if volume in self._maps:
            self._maps[volume][0].visible = False

    def follow(self) -> None:
        """Go where the volumes have gone, and away with those that are gone."""
        there = set(self._viewer.layers)
        gone = {volume for volume in (*self._shown, *self._maps) if volume not in there}
        for volume in gone:
            shown, _ = self._maps.pop(volume, (None, None))
            if shown in there:
                self._viewer.layers.remove(shown)
        self._boxes.replace([([volume], None) for volume in gone])
        for volume, box in self._shown.items():
            _place(box.layer, {"scale": volume.scale, "translate": volume.translate, "units": volume.units})
        for volume, (shown, proposal) in self._maps.items():
            _place(shown, map_placement(volume, proposal))

    def _add_box(self, volume: Image, box: Box) -> None:
        shown = BoxLayer(
            self._viewer, grid_of(volume), box, volume.scale, volume.translate, volume.units,
            name=f"sample box {volume.name}", metadata={SAMPLE: volume.name}, visible=volume.visible,
            drive=lambda steps: StepTask(steps, show_exception, self._boxes),
        )  # fmt: skip
        shown.changed.connect(lambda changed: self._boxes.replace([([volume], changed)]))
        shown.removed.connect(lambda: self._forget(volume, shown))
        show_arrows(self._viewer, shown)
        self._shown[volume] = shown

    def _forget(self, volume: Image, box: BoxLayer) -> None:
        """Take note of a box that the person has removed from the list of layers."""
        if self._shown.get(volume) is box:
            del self._shown[volume]
            self._boxes.replace([([volume], None)])


def _place(layer: Layer, place: Mapping[str, Any]) -> None:
    """Move a layer if it is not there already: every move tells the whole window."""
    for name, value in place.items():
        now = getattr(layer, name)
        same = now == value if name == "units" else np.allclose(now, value)
        if not same:
            setattr(layer, name, value)
