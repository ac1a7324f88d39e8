"""How a person looked at a project last: slice, camera and selection, so that tomorrow begins where today ended."""

import logging
from contextlib import suppress
from dataclasses import asdict, dataclass

import numpy as np

from napari_hypseg.errors import HypsegError
from napari_hypseg.project.project import Project
from napari_hypseg.storage.json_text import validated
from napari_hypseg.structures.leaf_ranges import from_ranges, to_ranges
from napari_hypseg.structures.local_cut import ancestors
from napari_hypseg.structures.selection import Selection

logger = logging.getLogger(__name__)
NAME = "view.json"
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class SelectionRecord:
    """A `Selection` in plain values; `before` as ranges of leaves."""

    tree: str
    before: str
    leaf: int
    node: int
    adds: bool

    @classmethod
    def of(cls, selection: Selection) -> "SelectionRecord":
        """Record of a selection."""
        before = to_ranges(np.flatnonzero(selection.before))
        return cls(selection.tree, before, selection.leaf, selection.node, selection.adds)

    def selection(self, project: Project) -> Selection | None:
        """The selection, None if the project's trees are other ones now."""
        tree = project.hierarchies.get(self.tree)
        if tree is None or not (0 <= self.leaf < tree.n_leaves and 0 <= self.node <= tree.root):
            return None
        with suppress(ValueError):
            made = Selection(self.tree, from_ranges(self.before, tree.n_leaves), self.leaf, self.node, self.adds)
            return made if self.node in ancestors(tree, self.leaf) else None
        return None


@dataclass(frozen=True)
class ViewState:
    """What the window shows of a project.

    Parameters
    ----------
    segmentation
        Fingerprint of the regions that selection and structure belong to.
    n_displayed
        2 or 3.
    point
        Place of the slices (z, y, x) in world units.
    centre, zoom, angles
        Of the camera; the centre as (z, y, x).
    active
        Id of the structure that was chosen.
    selection
        What was selected.
    tree
        Name of the tree that was cut; None in what earlier versions wrote.
    """

    segmentation: str
    n_displayed: int
    point: Triple
    centre: Triple
    zoom: float
    angles: Triple
    active: int | None = None
    selection: SelectionRecord | None = None
    tree: str | None = None

    def write(self, project: Project) -> None:
        """Keep it in the project's folder; without a word if that cannot be: no work is lost."""
        if not project.read_only:
            with suppress(HypsegError):
                project.store.write_json(project.path / NAME, asdict(self))

    @classmethod
    def read(cls, project: Project) -> "ViewState | None":
        """The last one, None if there is none that fits the project's regions."""
        try:
            record = project.store.read_json(project.path / NAME)
            state = None if record is None else validated(cls, record)
        except (HypsegError, ValueError):
            logger.debug("The last view of %s cannot be read", project.path, exc_info=True)
            return None
        segmentation = project.segmentation
        return state if state and segmentation and state.segmentation == segmentation.fingerprint else None
