"""Where an applied project comes from, and what it and the common project agreed on last."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from napari_hypseg.errors import ProjectError
from napari_hypseg.project.access import PROGRAM
from napari_hypseg.project.project import Project
from napari_hypseg.project.project_file import is_project
from napari_hypseg.project.source_files import RecordedFile
from napari_hypseg.structures.carried_structures import CarriedState

ORIGIN = "applied"
"""What records call the project that leaves are of."""


@dataclass(frozen=True, eq=False)
class ApplyOrigin:
    """The common project that a project was made from.

    Parameters
    ----------
    file
        Its folder.
    segmentation
        Fingerprint of its segmentation then.
    state
        The structures as both have them; None until they were carried over.
    """

    file: RecordedFile
    segmentation: str
    state: CarriedState | None = None

    @classmethod
    def of(cls, source: Project, segmentation: str, target: Project) -> "ApplyOrigin":
        """For `target`, which is made from the segmentation of `source` and has no structures yet."""
        return cls(RecordedFile.of(target.path, source.path), segmentation)

    @property
    def name(self) -> str:
        """Name of the common project's folder."""
        return self.file.name

    def with_state(self, state: CarriedState) -> "ApplyOrigin":
        """With what both agree on now."""
        return replace(self, state=state)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        plain = {"path": self.file.path, "relative": self.file.relative, "segmentation": self.segmentation}
        return plain if self.state is None else {**plain, "structures": self.state.as_json()}

    def write(self, project: Project, training: dict[str, Any]) -> None:
        """Let the record of learning of a project say this, beside `training`.

        Raises
        ------
        OutputError
            If the folder is full or cannot be written.
        """
        record = {**training, ORIGIN: self.as_json()}
        project.store.write_json(project.store.training_file, record)
        project.training = record

    def open(self, project: Project, at: Path | None = None, what: str = PROGRAM) -> Project:
        """The common project, open for writing.

        Parameters
        ----------
        project
            The one that was made from it.
        at
            Where it is now, if it was moved away from where it was.
        what
            How this program is called in messages of others.

        Raises
        ------
        ProjectError
            If it is gone, open elsewhere, or has other regions by now.
        """
        recorded, *moved = self.file.places(project.path)
        places = [*moved, recorded] if at is None else [at]  # of two copies of both, that which lies beside this one
        there = [place for place in places if is_project(place)]
        path = next((place for place in there if self._is_of(place)), there[0] if there else None)
        if path is None:
            raise ProjectError(f"There is no project {at or recorded} any more; say where it is now.", setting="to")
        source = Project.open(path, write=True, what=what)
        try:
            if source.segmentation is None or source.segmentation.fingerprint != self.segmentation:
                raise ProjectError(
                    f"{path} has other regions than when {project.path.name} was made from it, so corrections mean "
                    "nothing there; apply it anew and correct that."
                )
            source.access.require()
        except ProjectError:
            source.close()
            raise
        return source

    def _is_of(self, path: Path) -> bool:
        """Whether the project at `path` has the regions that were applied."""
        try:
            found = Project.open(path).segmentation
        except ProjectError:
            return False
        return found is not None and found.fingerprint == self.segmentation


def apply_origin(project: Project) -> ApplyOrigin | None:
    """Where a project comes from; None if it was not made by applying another one.

    Raises
    ------
    ProjectError
        If the record of it is damaged.
    """
    record = project.training.get(ORIGIN)
    if record is None:
        return None
    n_leaves = 0 if project.segmentation is None else project.segmentation.hierarchy.n_leaves
    try:
        file = RecordedFile(str(record["path"]), record["relative"])
        known = record.get("structures") if n_leaves else None
        state = None if known is None else CarriedState.from_json(known, n_leaves)
        return ApplyOrigin(file, str(record["segmentation"]), state)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"What {project.path.name} was made from cannot be read ({error})"
        raise ProjectError(f"{what}; apply it again to go on.") from error
