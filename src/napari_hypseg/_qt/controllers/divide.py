"""Making one object of a structure a structure of its own: cut free as a whole, or divided between marks A and B."""

from collections.abc import Callable
from functools import partial

import numpy as np
from qtpy.QtCore import QObject, Signal

from napari_hypseg._qt.jobs.tasks import ThreadTask
from napari_hypseg._qt.layers.canvas_input import Click
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.notifications import reporting_errors, show_exception
from napari_hypseg.errors import SettingError
from napari_hypseg.structures.colours import next_colour
from napari_hypseg.structures.division import part_runs, piece_runs
from napari_hypseg.structures.edits import DivideStructure
from napari_hypseg.structures.structure_arrays import StructureMask
from napari_hypseg.structures.voxel_runs import Runs, encode_runs
from napari_hypseg.volumes.box import Index3

LETTERS = "AB"


class DivideController(QObject):
    """Keeps the marks of a division that is being prepared, and does it on a thread.

    Signals
    -------
    marks_changed
        A mark was set, or all are gone.
    divided
        With the id of a structure that was made.
    """

    marks_changed = Signal()
    divided = Signal(int)

    def __init__(self, model: WindowModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self.specimen = 0
        self.marks: dict[str, list[Index3]] = {letter: [] for letter in LETTERS}
        model.project_changing.connect(self.clear)
        model.structures_changed.connect(self.clear)

    def clear(self) -> None:
        """Forget all marks."""
        if any(self.marks.values()):
            self.marks = {letter: [] for letter in LETTERS}
            self.marks_changed.emit()

    def mark(self, letter: str, click: Click) -> None:
        """Mark the place under the mouse as part of A, which stays, or of B, which is divided from it."""
        voxel = self._voxel(click)
        self._target(click)
        if click.specimen != self.specimen:
            self.clear()
            self.specimen = click.specimen
        self.marks[letter].append(voxel)
        self.marks_changed.emit()

    def cut_free(self, click: Click) -> None:
        """Make the piece under the mouse a structure of its own."""
        voxel, structure = self._voxel(click), self._target(click)
        self._start(structure, click.specimen, lambda mask: piece_runs(mask, voxel))

    def divide(self) -> None:
        """Divide what is marked with B from what is marked with A."""
        here, there = (list(self.marks[letter]) for letter in LETTERS)
        project = self._model.project
        if not here or not there or project is None:
            raise SettingError(
                "Point at a structure and press A where it stays and B at what is to be divided from it."
            )
        size = project.records[self.specimen].voxel_size
        structure = self._owner(self.specimen, here[0])
        self._start(structure, self.specimen, lambda mask: part_runs(mask, here, there, size))

    def _start(self, structure: int, specimen: int, find: Callable[[StructureMask], Runs]) -> None:
        structures = self._model.structures
        assert structures is not None
        mask = structures.mask(structure, specimen)
        ThreadTask(partial(find, mask), partial(self._finish, structure, specimen), show_exception, self)

    def _finish(self, structure: int, specimen: int, runs: Runs) -> None:
        structures, project = self._model.structures, self._model.project
        if structures is None or project is None or structure not in structures.annotation.structures:
            return
        with reporting_errors():
            annotation = structures.annotation
            one, number = annotation.structure(structure), annotation.next_id
            structures.do(
                DivideStructure(
                    structure=structure,
                    name=annotation.free_name(one.name),
                    colour=next_colour([other.colour for other in annotation.structures.values()]),
                    specimen=specimen,
                    shape=project.records[specimen].shape,
                    voxels=encode_runs(runs),
                )
            )
            self.divided.emit(number)

    def _target(self, click: Click) -> int:
        """The structure under the mouse.

        Raises
        ------
        SettingError
            If there is none.
        """
        return self._owner(click.specimen, self._voxel(click))

    def _owner(self, specimen: int, voxel: Index3) -> int:
        structures, project = self._model.structures, self._model.project
        inside = project is not None and all(
            0 <= place < size for place, size in zip(voxel, project.records[specimen].shape, strict=True)
        )
        owner = int(np.asarray(structures.owners(specimen)[voxel])) if structures is not None and inside else 0
        if not owner:
            raise SettingError("There is no structure under the mouse; point at one, or make one first.")
        return owner

    def _voxel(self, click: Click) -> Index3:
        if click.voxel is None:
            raise SettingError("In 3D the place under the mouse is not known; point at a voxel in a slice.")
        return click.voxel
