"""Edits: what a person does to structures and regions, as frozen records that are replayed to get the state back.

Each says all it needs: leaves and not nodes, so that it means the same when a tree is made anew; the tree and nodes it
was made from are kept for the words of the history.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.structures.annotation import Annotation
from napari_hypseg.structures.leaf_ranges import LeafRanges, from_ranges
from napari_hypseg.structures.local_cut import LocalCut
from napari_hypseg.structures.locks import check_unlocked, takeable
from napari_hypseg.structures.painting import UNPAINTED
from napari_hypseg.structures.structure import MAX_STRUCTURES, Colour, Name, Structure, StructureId
from napari_hypseg.structures.voxel_runs import decode_runs

Trees: TypeAlias = Mapping[str, Hierarchy]
TreeName = Annotated[str, Field(min_length=1, max_length=40)]
NodeNumber = Annotated[int, Field(ge=0)]
Leaves = npt.NDArray[np.bool_]


class BaseEdit(BaseModel):
    """One step of the history."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def apply(self, before: Annotation, trees: Trees) -> Annotation:
        """The state after this edit.

        Raises
        ------
        SettingError
            If it cannot be done, with the reason; nothing has changed then.
        """
        return self._apply(before, trees)

    def describe(self, before: Annotation) -> str:
        """What it does to the state `before`, as in "Undo: …"."""
        return self._describe(before)

    @abstractmethod
    def _apply(self, before: Annotation, trees: Trees) -> Annotation: ...

    @abstractmethod
    def _describe(self, before: Annotation) -> str: ...


class _LeafEdit(BaseEdit):
    """An edit about leaves, chosen as nodes of a tree."""

    leaves: LeafRanges
    tree: TreeName | None = None
    nodes: tuple[NodeNumber, ...] = ()

    def chosen(self, before: Annotation) -> Leaves:
        """The leaves it is about."""
        return _chosen(self.leaves, before)

    @property
    def what(self) -> str:
        """Words for the leaves."""
        if len(self.nodes) == 1:
            return f"node {self.nodes[0]}"
        return f"{len(self.nodes)} nodes" if self.nodes else "leaves"


class MakeStructure(_LeafEdit):
    """A new structure; its leaves leave the structures they were in."""

    kind: Literal["make"] = "make"
    name: Name
    colour: Colour
    parent: StructureId | None = None

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        _check_name(before, self.name)
        if before.next_id > MAX_STRUCTURES:
            raise SettingError(f"A project holds {MAX_STRUCTURES} structures at most; go on in a copy of it.")
        if self.parent is not None:
            before.structure(self.parent)
        chosen = self.chosen(before)
        free = takeable(before, chosen) if chosen.any() else chosen
        made = before.with_structure(Structure(before.next_id, self.name, self.colour, self.parent))
        return replace(made, next_id=before.next_id + 1).with_owner(free, before.next_id)

    def _describe(self, before: Annotation) -> str:
        return f"make {self.name}"


class AddLeaves(_LeafEdit):
    """Leaves added to a structure; those already inside it, in a structure within, stay there."""

    kind: Literal["add"] = "add"
    structure: StructureId

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        check_unlocked(before, self.structure)
        fresh = self.chosen(before) & ~before.leaves(self.structure)
        if not fresh.any():
            raise SettingError(f"{before.structure(self.structure).name} holds all of this already.")
        return before.with_owner(takeable(before, fresh), self.structure)

    def _describe(self, before: Annotation) -> str:
        return f"add {self.what} to {before.structure(self.structure).name}"


class TakeLeaves(_LeafEdit):
    """Leaves taken away from a structure and what lies inside it; they fall to the structure around it."""

    kind: Literal["take"] = "take"
    structure: StructureId

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        check_unlocked(before, self.structure)
        held = self.chosen(before) & before.leaves(self.structure)
        if not held.any():
            raise SettingError(f"{before.structure(self.structure).name} holds nothing of this.")
        return before.with_owner(takeable(before, held), before.structure(self.structure).parent or 0)

    def _describe(self, before: Annotation) -> str:
        return f"take {self.what} from {before.structure(self.structure).name}"


class CorrectStructure(BaseEdit):
    """Leaves added to a structure and others taken away from it, as in another project that has the same leaves."""

    kind: Literal["correct"] = "correct"
    structure: StructureId
    added: LeafRanges = ""
    taken: LeafRanges = ""
    origin: Name

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        check_unlocked(before, self.structure)
        held = before.leaves(self.structure)
        fresh, gone = _chosen(self.added, before) & ~held, _chosen(self.taken, before) & held
        if not (fresh | gone).any():
            raise SettingError(f"{before.structure(self.structure).name} is as in {self.origin} already.")
        around, after = before.structure(self.structure).parent or 0, before
        for leaves, owner in ((fresh, self.structure), (gone, around)):
            after = after.with_owner(takeable(before, leaves), owner) if leaves.any() else after
        return after

    def _describe(self, before: Annotation) -> str:
        counts = [int(_chosen(leaves, before).sum()) for leaves in (self.added, self.taken)]
        signs = " ".join(f"{sign}{count}" for sign, count in zip("+\u2212", counts, strict=True) if count)
        return f"correct {before.structure(self.structure).name} as in {self.origin} ({signs} leaves)"


class RenameStructure(BaseEdit):
    """Another name."""

    kind: Literal["rename"] = "rename"
    structure: StructureId
    name: Name

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        one = before.structure(self.structure)
        if self.name != one.name:
            _check_name(before, self.name)
        return before.with_structure(replace(one, name=self.name))

    def _describe(self, before: Annotation) -> str:
        return f"rename {before.structure(self.structure).name} to {self.name}"


class RecolourStructure(BaseEdit):
    """Another colour."""

    kind: Literal["recolour"] = "recolour"
    structure: StructureId
    colour: Colour

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        return before.with_structure(replace(before.structure(self.structure), colour=self.colour))

    def _describe(self, before: Annotation) -> str:
        return f"recolour {before.structure(self.structure).name}"


class ShowStructure(BaseEdit):
    """Shown or hidden."""

    kind: Literal["show"] = "show"
    structure: StructureId
    visible: bool

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        return before.with_structure(replace(before.structure(self.structure), visible=self.visible))

    def _describe(self, before: Annotation) -> str:
        return f"{'show' if self.visible else 'hide'} {before.structure(self.structure).name}"


class LockStructure(BaseEdit):
    """Frozen or free again."""

    kind: Literal["lock"] = "lock"
    structure: StructureId
    locked: bool

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        return before.with_structure(replace(before.structure(self.structure), locked=self.locked))

    def _describe(self, before: Annotation) -> str:
        return f"{'lock' if self.locked else 'unlock'} {before.structure(self.structure).name}"


class MoveStructure(BaseEdit):
    """Put inside another structure, or for None on its own; no voxel changes its innermost owner."""

    kind: Literal["move"] = "move"
    structure: StructureId
    parent: StructureId | None

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        one = before.structure(self.structure)
        for around in (one.parent, self.parent):
            if around is not None:
                check_unlocked(before, around)
        if self.parent is not None and before.is_inside(self.parent, self.structure):
            inner = before.structure(self.parent).name
            raise SettingError(f"{inner} lies inside {one.name} itself; move {inner} out of it first.")
        return before.with_structure(replace(one, parent=self.parent))

    def _describe(self, before: Annotation) -> str:
        where = "out" if self.parent is None else f"into {before.structure(self.parent).name}"
        return f"move {before.structure(self.structure).name} {where}"


class RemoveStructure(BaseEdit):
    """A structure dissolved: its voxels and what lies inside it fall to the structure around it."""

    kind: Literal["remove"] = "remove"
    structure: StructureId

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        check_unlocked(before, self.structure)
        return _dissolved(before, self.structure, before.structure(self.structure).parent)

    def _describe(self, before: Annotation) -> str:
        return f"remove {before.structure(self.structure).name}"


class MergeStructures(BaseEdit):
    """A structure made part of another one, which keeps its name and colour."""

    kind: Literal["merge"] = "merge"
    structure: StructureId
    into: StructureId

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        one, other = before.structure(self.structure), before.structure(self.into)
        if one.id == other.id:
            raise SettingError(f"{one.name} cannot be merged with itself; choose another structure.")
        if before.is_inside(other.id, one.id):
            raise SettingError(f"{other.name} lies inside {one.name}; merge {other.name} into {one.name} instead.")
        check_unlocked(before, one.id)
        check_unlocked(before, other.id)
        return _dissolved(before, one.id, other.id)

    def _describe(self, before: Annotation) -> str:
        return f"merge {before.structure(self.structure).name} into {before.structure(self.into).name}"


class SplitStructure(BaseEdit):
    """Parts of a structure made structures of their own inside it."""

    kind: Literal["split"] = "split"
    structure: StructureId
    parts: tuple[LeafRanges, ...] = Field(min_length=2, max_length=MAX_STRUCTURES)
    names: tuple[Name, ...]
    colours: tuple[Colour, ...]

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        check_unlocked(before, self.structure)
        if not len(self.parts) == len(self.names) == len(self.colours):
            raise SettingError("Every part of a split structure needs a name and a colour.")
        own = before.leaves(self.structure, whole=False)
        after = before
        for leaves, name, colour in zip(self.parts, self.names, self.colours, strict=True):
            if not (_chosen(leaves, before) & own).any():
                raise SettingError(f"{before.structure(self.structure).name} holds nothing of {name}.")
            made = MakeStructure(leaves="", name=name, colour=colour, parent=self.structure).apply(after, trees)
            after = made.with_owner(_chosen(leaves, before) & own, after.next_id)
        return after

    def _describe(self, before: Annotation) -> str:
        return f"split {before.structure(self.structure).name} into {len(self.parts)}"


class PaintVoxels(BaseEdit):
    """Voxels given to a structure, or for None taken out of all; whoever makes it leaves out those of locked ones."""

    kind: Literal["paint"] = "paint"
    structure: StructureId | None
    specimen: Annotated[int, Field(ge=0)]
    shape: tuple[int, int, int]
    voxels: str

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        if self.structure is not None:
            check_unlocked(before, self.structure)
        try:
            runs = decode_runs(self.voxels, self.shape)
        except ValueError as error:
            raise SettingError(f"What was painted cannot be read: {error}.") from error
        return replace(before, painting=before.painting.paint(self.specimen, self.shape, runs, self.structure))

    def _describe(self, before: Annotation) -> str:
        return "erase" if self.structure is None else f"paint {before.structure(self.structure).name}"


class DivideStructure(BaseEdit):
    """Voxels of a structure made a structure of their own beside it."""

    kind: Literal["divide"] = "divide"
    structure: StructureId
    name: Name
    colour: Colour
    specimen: Annotated[int, Field(ge=0)]
    shape: tuple[int, int, int]
    voxels: str

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        check_unlocked(before, self.structure)
        parent = before.structure(self.structure).parent
        made = MakeStructure(leaves="", name=self.name, colour=self.colour, parent=parent).apply(before, trees)
        edit = PaintVoxels(structure=before.next_id, specimen=self.specimen, shape=self.shape, voxels=self.voxels)
        return edit.apply(made, trees)

    def _describe(self, before: Annotation) -> str:
        return f"divide {self.name} from {before.structure(self.structure).name}"


class MarkJunk(BaseEdit):
    """Particles of a structure marked as junk, or not any more; they are known by their places, in voxels."""

    kind: Literal["junk"] = "junk"
    structure: StructureId
    specimen: Annotated[int, Field(ge=0)]
    places: tuple[tuple[float, float, float], ...] = Field(min_length=1)
    junk: bool

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        one, marked = before.structure(self.structure), before.junk_places(self.structure, self.specimen)
        after = marked | set(self.places) if self.junk else marked - set(self.places)
        if after == marked:
            raise SettingError(
                f"These particles of {one.name} are {'' if self.junk else 'not '}marked as junk already."
            )
        return before.with_junk(self.structure, self.specimen, after)

    def _describe(self, before: Annotation) -> str:
        what = "a particle" if len(self.places) == 1 else f"{len(self.places)} particles"
        name = before.structure(self.structure).name
        return f"mark {what} of {name} as junk" if self.junk else f"keep {what} of {name}"


class _RegionEdit(BaseEdit):
    """An edit about one node of a tree."""

    tree: TreeName
    node: NodeNumber

    def _tree(self, trees: Trees) -> Hierarchy:
        return _tree_of(trees, self.tree, self.node)


class OpenRegion(_RegionEdit):
    """A region replaced by its children, wherever the slider stands."""

    kind: Literal["open"] = "open"

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        local = before.local_cut(self.tree).open(self._tree(trees), self.node)
        return before.with_local_cut(self.tree, local)

    def _describe(self, before: Annotation) -> str:
        return f"open node {self.node}"


class CloseRegion(_RegionEdit):
    """A node shown as one region, wherever the slider stands."""

    kind: Literal["close"] = "close"

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        local = before.local_cut(self.tree).close(self._tree(trees), self.node)
        return before.with_local_cut(self.tree, local)

    def _describe(self, before: Annotation) -> str:
        return f"close node {self.node}"


class ResetRegions(BaseEdit):
    """All regions of a tree as the slider has them."""

    kind: Literal["reset"] = "reset"
    tree: TreeName

    def _apply(self, before: Annotation, trees: Trees) -> Annotation:
        return before.with_local_cut(self.tree, LocalCut())

    def _describe(self, before: Annotation) -> str:
        return "reset regions to the slider"


Edit = Annotated[
    MakeStructure
    | AddLeaves
    | TakeLeaves
    | CorrectStructure
    | RenameStructure
    | RecolourStructure
    | ShowStructure
    | LockStructure
    | MoveStructure
    | RemoveStructure
    | MergeStructures
    | SplitStructure
    | PaintVoxels
    | DivideStructure
    | MarkJunk
    | OpenRegion
    | CloseRegion
    | ResetRegions,
    Field(discriminator="kind"),
]
_EDIT: TypeAdapter[BaseEdit] = TypeAdapter(Edit)


def edit_from(record: Any) -> BaseEdit:
    """An edit from plain values.

    Raises
    ------
    ValueError
        Naming the first value that does not fit.
    """
    try:
        return _EDIT.validate_python(record)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _dissolved(before: Annotation, structure: int, heir: int | None) -> Annotation:
    """Without a structure; what it holds is its heir's, None for nobody's."""
    after = before.with_owner(before.leaves(structure, whole=False), heir or 0)
    left = {one.id: one for one in after.structures.values() if one.id != structure}
    for child in after.children(structure):
        left[child.id] = replace(child, parent=heir)
    value = UNPAINTED if heir is None else heir + 1
    painting = before.painting.replaced({structure + 1: value})
    return replace(after, structures=MappingProxyType(left), painting=painting)


def _chosen(ranges: str, before: Annotation) -> Leaves:
    try:
        return from_ranges(ranges, before.n_leaves)
    except ValueError as error:
        raise SettingError(f"This edit belongs to other regions: {error}.") from error


def _tree_of(trees: Trees, name: str, node: int) -> Hierarchy:
    if name not in trees:
        raise SettingError(f"There is no tree {name!r}; trees: {', '.join(trees)}.")
    if node > trees[name].root:
        raise SettingError(f"There is no node {node}; the tree {name} has nodes 0 to {trees[name].root}.")
    return trees[name]


def _check_name(before: Annotation, name: str) -> None:
    if name in {one.name for one in before.structures.values()}:
        raise SettingError(f"There is already a structure {name!r}; choose another name.")
