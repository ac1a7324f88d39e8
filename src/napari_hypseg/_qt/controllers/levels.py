"""The slider and the kept levels: what the person does with the regions of the project at hand."""

from qtpy.QtCore import QObject

from napari_hypseg._qt.jobs.tasks import Steps, StepTask
from napari_hypseg._qt.layers.layer_events import single_shot
from napari_hypseg._qt.layers.project_view import ProjectView
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors, show_exception

SAVE_DELAY_MS = 400


class LevelController(QObject):
    """Changes the project, which the picture follows; where the slider was left is saved a little later."""

    def __init__(self, model: WindowModel, view: ProjectView, parent: QObject) -> None:
        super().__init__(parent)
        self._model, self._view = model, view
        self._unsaved = False
        self._later = single_shot(self, self.save, SAVE_DELAY_MS)
        model.project_changing.connect(self.save)

    def set_regions(self, n_regions: int) -> None:
        """Move the slider: the picture follows now, the disk a little later."""
        if self._model.project is not None:
            self._model.project.set_regions(n_regions)
            if None not in self._model.visible_levels:
                self.show(None)
            self._unsaved = True
            self._later.start()

    def choose_tree(self, name: str) -> None:
        """Let the slider cut another tree; where it stands, what is selected and structures stay as they are.

        Raises
        ------
        SettingError
            If there is no such tree.
        """
        if self._model.project is not None and self._model.project.tree != name:
            self._model.project.choose_tree(name)
            if None not in self._model.visible_levels:
                self.show(None)

    def keep(self, name: str) -> None:
        """Keep what the slider shows as a level with a layer of its own.

        Raises
        ------
        SettingError
            If the name is taken.
        """
        if self._model.project is not None:
            self._model.project.keep_level(name, self._model.cut)

    def rename(self, old: str, new: str) -> None:
        """Rename a kept level and its layers.

        Raises
        ------
        SettingError
            If the name is taken or empty.
        """
        if self._model.project is not None:
            self._model.project.rename_level(old, new)

    def remove(self, name: str) -> None:
        """Forget a kept level and take its layers away."""
        if self._model.project is not None:
            self._model.project.remove_level(name)

    def show(self, name: str | None) -> None:
        """Show a kept level in place of the slider's regions, or for None those again."""
        if self._model.project is not None:
            StepTask(self._show(name), show_exception, self)

    def save(self) -> None:
        """Write down where the slider was left, if it has moved."""
        project = self._model.project
        if project is not None and self._unsaved:
            with reporting_errors():
                self._view.refresh_details()
                if not project.read_only:  # where the slider was left is of no use to the other program
                    project.save()
                self._unsaved = False

    def _show(self, name: str | None) -> Steps:
        for level in self._model.levels:
            if level.name == name:
                self._view.add_level(level)
        if name is None and not self._view.regions():
            yield from self._view.show_segmentation()
        self._view.show_only(name)
        self._model.visibility_changed.emit()
