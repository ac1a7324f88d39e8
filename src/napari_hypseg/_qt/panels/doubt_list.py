"""Look here first: the regions of a carried-over segmentation that are unlike all leaves, the largest first."""

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QListWidget, QListWidgetItem

from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors
from napari_hypseg._qt.widgets.controls import set_tooltip
from napari_hypseg.project.doubtful_regions import DoubtfulRegion, doubtful_regions


class DoubtList(QListWidget):
    """Follows the project at hand; a click shows the place.

    Signals
    -------
    place_chosen
        A point (z, y, x) of the world.
    """

    place_chosen = Signal(tuple)

    def __init__(self, model: WindowModel) -> None:
        super().__init__()
        self._model = model
        self._regions: tuple[DoubtfulRegion, ...] = ()
        self.setAccessibleName("Doubtful regions")
        set_tooltip(self, "Regions that are unlike all that was named; click one to see it and correct it if need be.")
        self.itemClicked.connect(self._choose)
        self.itemActivated.connect(self._choose)
        model.project_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """List the doubtful regions of the project at hand."""
        project = self._model.project
        self._regions = ()
        if project is not None and project.segmentation is not None:
            with reporting_errors():
                self._regions = doubtful_regions(project.segmentation.record)
        self.clear()
        for one in self._regions:
            self.addItem(f"{one.voxels} voxels, certainty {one.certainty:.0%}")

    def _choose(self, item: QListWidgetItem) -> None:
        project, region = self._model.project, self._regions[self.row(item)]
        if project is not None:
            record = project.records[0]
            place = zip(record.origin, region.voxel, record.voxel_size, strict=True)
            self.place_chosen.emit(tuple(start + index * edge for start, index, edge in place))
