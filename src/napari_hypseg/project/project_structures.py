"""The structures of a project: its history of edits in memory and on disk, kept in step."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from napari_hypseg.errors import SettingError
from napari_hypseg.project.access import Access
from napari_hypseg.project.edit_log import EditLog, Record
from napari_hypseg.project.records import Segmentation
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.edits import BaseEdit, edit_from
from napari_hypseg.structures.history import History, Step
from napari_hypseg.structures.structure_arrays import OwnerArray, StructureMask
from napari_hypseg.structures.structure_sizes import StructureSizes

FOLDER = "edits"
LOG_NAME = re.compile(r"([0-9a-f]{16})\.jsonl")


class ProjectStructures:
    """What a person has made of the regions of one segmentation; every edit is on disk before it is shown.

    Parameters
    ----------
    folder
        Of the project.
    segmentation
        Whose leaves and trees are edited.
    access
        Gives the access of the project as it is now.
    changed
        Called when an edit was done, undone or redone.

    Attributes
    ----------
    segmentation
        As given.
    damage
        Sentences about edits that could not be read.

    Raises
    ------
    ProjectError
        If the edits were written by a newer version.
    """

    def __init__(
        self, folder: Path, segmentation: Segmentation, access: Callable[[], Access], changed: Callable[[], object]
    ) -> None:
        self.segmentation, self._access, self._changed = segmentation, access, changed
        self._history = History(segmentation.hierarchy.n_leaves, segmentation.hierarchies)
        subject = {"segmentation": segmentation.fingerprint, "leaves": segmentation.hierarchy.n_leaves}
        self._log = EditLog(folder / FOLDER / f"{segmentation.fingerprint}.jsonl", subject)
        content = self._log.read()
        self.damage: tuple[str, ...] = (content.damage,) if content.damage else ()
        for number, record in enumerate(content.records, start=1):
            try:
                self._repeat(record)
            except (ValueError, SettingError) as error:
                self.damage += (
                    f"Edit {number} in {self._log.path} cannot be done ({error}); later ones are left out.",
                )
                self._log.stop_before(number)
                break
        self._sizes = StructureSizes(segmentation.hierarchy.sizes[: self.annotation.n_leaves], segmentation.leaves)

    @property
    def annotation(self) -> Annotation:
        """Structures, corrections and local choices as they are now."""
        return self._history.annotation

    @property
    def steps(self) -> tuple[Step, ...]:
        """The edits that are not undone, the last one last."""
        return self._history.done

    @property
    def undone(self) -> tuple[Step, ...]:
        """The edits that were undone and can be redone, the one that redo would do first."""
        return self._history.undone

    @property
    def undo_text(self) -> str | None:
        """What undo would take back, None if there is nothing."""
        return self._history.undo_text

    @property
    def redo_text(self) -> str | None:
        """What redo would bring back, None if there is nothing."""
        return self._history.redo_text

    @property
    def sizes(self) -> dict[int, int]:
        """Voxels of each structure by its id, with those of what lies inside it."""
        return self._sizes.whole(self.annotation)

    def do(self, edit: BaseEdit) -> Annotation:
        """Do an edit and write it down.

        Raises
        ------
        SettingError
            If it cannot be done.
        ProjectError
            If the project was opened for reading.
        OutputError
            If the disk is full; nothing has changed then.
        """
        self._access().require()
        prepared = self._history.prepare(edit)
        self._append({"do": edit.model_dump(mode="json", exclude_defaults=False)})
        self._history.commit(prepared)
        self._changed()
        return self.annotation

    def preview(self, edit: BaseEdit) -> Annotation:
        """The state an edit would lead to; nothing changes.

        Raises
        ------
        SettingError
            If it cannot be done.
        """
        return self._history.prepare(edit).after

    def undo(self) -> Annotation:
        """Take the last edit back; errors as for `do`."""
        return self._go_to(len(self.steps) - 1) if self.steps else self._history.undo()

    def redo(self) -> Annotation:
        """Do again what was undone last; errors as for `do`."""
        return self._go_to(len(self.steps) + 1) if self.undone else self._history.redo()

    def go_to(self, n_done: int) -> Annotation:
        """Undo or redo until `n_done` edits are done, as one action; errors as for `do`."""
        self._history.check(n_done)
        return self.annotation if n_done == len(self.steps) else self._go_to(n_done)

    def owners(self, specimen: int = 0) -> OwnerArray:
        """The innermost structure of every voxel of a specimen, read as needed."""
        return OwnerArray(self.segmentation.leaves[specimen], self.annotation, specimen)

    def mask(self, structure: int | str, specimen: int = 0) -> StructureMask:
        """The voxels of a structure, by its id or name, with those of what lies inside it.

        Raises
        ------
        SettingError
            If there is no such structure.
        """
        return StructureMask(self.owners(specimen), self.annotation.structure(structure).id)

    def _go_to(self, n_done: int) -> Annotation:
        self._access().require()
        back = [{"undo": step.text} for step in reversed(self.steps[n_done:])]
        forth = [{"redo": step.text} for step in self.undone[: max(0, n_done - len(self.steps))]]
        self._append(*back, *forth)
        after = self._history.go_to(n_done)
        self._changed()
        return after

    def _append(self, *records: dict[str, Any]) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._log.append(*({**record, "time": now} for record in records))

    def _repeat(self, record: Record) -> None:
        match record:
            case {"do": edit}:
                self._history.do(edit_from(edit))
            case {"undo": _}:
                self._history.undo()
            case {"redo": _}:
                self._history.redo()
            case _:
                raise ValueError("it is no edit")


def edited(folder: Path) -> frozenset[str]:
    """Fingerprints of the segmentations of the project in `folder` that were edited."""
    logs = folder / FOLDER
    names = [file.name for file in logs.iterdir()] if logs.is_dir() else []
    return frozenset(found[1] for name in names if (found := LOG_NAME.fullmatch(name)))
