"""The project: the one object that changes. It emits what changed, and every change is written at once."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any
from weakref import proxy

from psygnal import Signal

from napari_hypseg.errors import HypsegError, ProjectError
from napari_hypseg.hierarchy.cuts import Cut, check_n_regions, checked_cut, cut_at
from napari_hypseg.hierarchy.tree import PARTS, Hierarchy
from napari_hypseg.hierarchy.trees import DEFAULT_TREE, tree_named
from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.project.access import PROGRAM, Access
from napari_hypseg.project.creation import NewFolder, check_free, check_together, is_vacant, record_to_keep
from napari_hypseg.project.label_image import label_image_of
from napari_hypseg.project.level_names import free_name, level_named, renamed
from napari_hypseg.project.project_file import ProjectFile, ProjectRecord, read_project_file
from napari_hypseg.project.project_structures import ProjectStructures, edited
from napari_hypseg.project.records import Level, Segmentation, SpecimenRecord, record_numbered
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.project.segmentations import Segmentations
from napari_hypseg.project.source_files import RecordedFile
from napari_hypseg.project.sources import corrected, input_files, keep_source, open_specimen, source_notes
from napari_hypseg.project.store import Store
from napari_hypseg.storage.atomic import write_bytes
from napari_hypseg.structures.local_cut import locally_cut
from napari_hypseg.training.checkpoint_file import read_checkpoint
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import LazyArray, Vector3

SUFFIX = ".hypseg"


class Project:
    """One folder on disk: specimens, settings, and what was made of them.

    Events
    ------
    changed
        With ``specimens``, ``settings``, ``training``, ``segmentation``, ``levels``, ``tree``, ``regions`` or
        ``structures``.

    Use `create` or `open`; jobs write to the folder, and `reload` takes up what they wrote.
    """

    changed = Signal(str)

    def __init__(self, path: Path, record: ProjectRecord, content: bytes, access: Access | None = None) -> None:
        self.path = path
        self.store = Store(path, record.identity, record.suffix)
        self.access = access or Access.reading(path)
        self.records, self.settings = record.specimens, record.settings
        self.levels, self.n_regions = record.levels, record.n_regions
        self.training: dict[str, Any] = {}
        self.segmentation: Segmentation | None = None
        self.structures: ProjectStructures | None = None
        self.superseded: ProjectStructures | None = None
        self.damage: tuple[str, ...] = ()
        self._tree = DEFAULT_TREE
        self._replaces = record.replaces
        self._file = ProjectFile(path, content)
        self._specimens: tuple[Specimen, ...] | None = None
        self._segmentations = Segmentations(self.store)

    @classmethod
    def create(
        cls,
        path: Path,
        specimens: Sequence[Specimen],
        settings: RunSettings,
        overwrite: bool = False,
        what: str = PROGRAM,
        holder: "Project | None" = None,
    ) -> "Project":
        """Start a project in a new folder, or in place of another one; it is open for writing.

        A project that is replaced stays as it was until the new one has learned something: closed before that, or
        opened again after its process was killed, it is the old one again. The folder gets the ending ``.hypseg``.

        Parameters
        ----------
        path, specimens, settings
            Where, what to learn from, and how.
        overwrite
            Whether a project that is there may be replaced.
        what
            How the owner is called in messages of other programs, such as "another window".
        holder
            The object that has the project open that is replaced; it hands over and can only read then.

        Raises
        ------
        ProjectError
            If something is in the way and `overwrite` is False, or it is no project, or open elsewhere.
        OutputError
            If the folder cannot be written.
        InputError
            If the specimens cannot be learned from together.
        """
        path = path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
        check_together(specimens)
        check_free(path, specimens, overwrite)
        if is_vacant(path):
            project = cls._create_new(path, specimens, settings, what)
        else:
            project = cls._replace(path, specimens, settings, what, holder)
        if not any(one.volume.originals for one in specimens):  # what is computed at each look is read as written
            project._specimens = tuple(specimens)
        return project

    @classmethod
    def open(cls, path: Path, write: bool = False, what: str = PROGRAM, resume: bool = False) -> "Project":
        """Open a project as it was left. What is damaged is named in `damage`; the rest opens.

        Parameters
        ----------
        write
            Whether it is to be changed. If that cannot be, because another program has it open or the disk is
            read-only, it is opened for reading, and `notes` says why.
        what
            How the owner is called in messages of other programs, such as "another window".
        resume
            Go on with a project that is to replace an older one and has no regions yet.

        Raises
        ------
        ProjectError
            If there is no project at `path`, its ``project.json`` cannot be read at all, or it is of a newer version.
        """
        ProjectRecord.parse(path, read_project_file(path))  # no lock is put into a folder that is something else
        return cls._open(path, Access.writing(path, what) if write else Access.reading(path), resume)

    @classmethod
    def open_for_job(cls, path: Path) -> "Project":
        """Open a project whose record another process holds, to work for that process.

        Raises
        ------
        ProjectError
            As `open` does.
        """
        return cls._open(path, Access.working(path), resume=True)

    @property
    def read_only(self) -> bool:
        """Whether it was opened for reading; what would change it raises a `ProjectError` then."""
        return self.access.read_only

    @property
    def notes(self) -> tuple[str, ...]:
        """What the person should know about how it is open."""
        return self.access.notes

    @property
    def replaces_another(self) -> bool:
        """Whether an older project is kept until this one has regions."""
        return self._replaces is not None and not self.store.is_complete

    def close(self) -> None:
        """Let others write. What this project was to replace comes back if nothing was learned yet."""
        if self._replaces is not None and self.replaces_another and not self.has_checkpoint and not self.read_only:
            with suppress(HypsegError):
                self._bring_back(self._replaces)
        self.access.close()

    def save(self) -> None:
        """Write ``project.json``.

        Raises
        ------
        ProjectError
            If the project was opened for reading.
        OutputError
            If the disk is full or fails; what is on it stays as it was.
        """
        self._write(self._record)

    def reload(self) -> None:
        """Take up what jobs have written to the folder."""
        self.damage = ()
        self.training = self._or_damage(self.store.read_training) or {}
        fingerprint = self._or_damage(self.store.current_segmentation)
        load = partial(self._segmentations.load, fingerprint or "", self.records)
        before, loaded = self.segmentation, None if fingerprint is None else self._or_damage(load)
        if loaded is not None and (before is None or before.fingerprint != loaded.fingerprint):
            self._load_structures(loaded)
        self.segmentation = loaded
        self.damage += loaded.damage if loaded else ()
        if self.has_checkpoint:
            self._or_damage(lambda: read_checkpoint(self.store.checkpoint_file))
        if self._replaces is not None and not self.read_only and self.store.is_complete:
            with suppress(HypsegError):  # there will be another time
                self._write(replace(self._record, replaces=None))
        self.changed.emit("training")
        if loaded is not None and (before is None or before.fingerprint != loaded.fingerprint):
            self.n_regions = min(self.n_regions, loaded.hierarchy.n_leaves)
            self.changed.emit("segmentation")

    @property
    def has_checkpoint(self) -> bool:
        """Whether a model was trained."""
        return self.store.has_checkpoint

    @property
    def specimens(self) -> tuple[Specimen, ...]:
        """The specimens, opened at first use.

        Raises
        ------
        ProjectError
            If a source is missing.
        """
        if self._specimens is None:
            self._specimens = tuple(open_specimen(self.path, record) for record in self.records)
        return self._specimens

    def source_notes(self) -> tuple[str, ...]:
        """What a person should know about the files the project was made from: which are missing or not the same."""
        return source_notes(self.path, self.records)

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Files and folders that nothing may be written over: the project itself, its volumes and its masks."""
        return input_files(self.path, self.records)

    @property
    def hierarchy(self) -> Hierarchy | None:
        """The tree that is cut, None before the first segmentation."""
        return self.segmentation.hierarchies[self.tree] if self.segmentation else None

    @property
    def hierarchies(self) -> Mapping[str, Hierarchy]:
        """All trees over the leaves, by name; empty before the first segmentation."""
        return self.segmentation.hierarchies if self.segmentation else {}

    @property
    def tree(self) -> str:
        """Name of the tree that is cut: the one chosen, or that of parts where it is not there."""
        return self._tree if self._tree in self.hierarchies else PARTS

    def choose_tree(self, name: str) -> None:
        """Cut another tree over the same leaves.

        Raises
        ------
        SettingError
            If it is not there.
        """
        tree_named(self._need().hierarchies, name)
        self._tree = name
        self.changed.emit("tree")

    @property
    def leaves(self) -> tuple[LazyArray, ...]:
        """Leaf-id volumes (z, y, x) uint16, one a specimen; empty before the first segmentation."""
        return self.segmentation.leaves if self.segmentation else ()

    def configure(self, settings: RunSettings) -> None:
        """Change the settings of the next run."""
        self._write(replace(self._record, settings=settings))
        self.changed.emit("settings")

    def correct_voxel_size(self, specimen: int, voxel_size: Vector3, unit: str) -> None:
        """Put right what a specimen's header said; regions stay as they are and are exported at the new size.

        Raises
        ------
        SettingError
            If no voxel has such edges, or `unit` is no length.
        ProjectError
            If the specimen's source is missing.
        """
        self._set_specimen(specimen, corrected(self.path, self.records[specimen], voxel_size, unit))

    def relink(self, specimen: int, paths: Sequence[Path]) -> None:
        """Say where the files of a specimen are now.

        Parameters
        ----------
        specimen
            Number of the specimen.
        paths
            The files of its channels, and that of its mask last if it has one.

        Raises
        ------
        ProjectError
            If one cannot be opened or its grid is another.
        """
        record = self.records[specimen].with_files([RecordedFile.of(self.path, path) for path in paths])
        open_specimen(self.path, record)
        self._set_specimen(specimen, record)

    def set_regions(self, n_regions: int) -> None:
        """Move the slider.

        Raises
        ------
        SettingError
            If the tree has no cut with that many regions.
        """
        check_n_regions(self._need().hierarchies[self.tree], n_regions)
        self.n_regions = n_regions
        self.changed.emit("regions")

    def cut(self, n_regions: int | None = None) -> Cut:
        """The cut into `n_regions`, by default where the slider stands with what was opened and closed by hand."""
        tree = self._need().hierarchies[self.tree]
        if n_regions is not None or self.structures is None:
            return cut_at(tree, self.n_regions if n_regions is None else n_regions)
        return locally_cut(tree, self.n_regions, self.structures.annotation.local_cut(tree.name))

    def keep_level(self, name: str | None = None, cut: Cut | None = None) -> Level:
        """Keep a cut, by default the slider's, under a name, by default its number of regions.

        Raises
        ------
        SettingError
            If the name is taken.
        """
        cut = cut or self.cut()
        name = free_name(self.levels, name, f"{len(cut.nodes)} regions")
        level = Level(name, tuple(int(node) for node in cut.nodes), self._need().fingerprint, cut.tree)
        self._set_levels((*self.levels, level))
        return level

    def remove_level(self, name: str) -> None:
        """Forget a kept level."""
        self._set_levels(tuple(level for level in self.levels if level.name != self.level(name).name))

    def rename_level(self, old: str, new: str) -> None:
        """Give a kept level another name.

        Raises
        ------
        SettingError
            If `new` is empty or taken.
        """
        self.level(old)
        self._set_levels(renamed(self.levels, old, new))

    def level(self, name: str) -> Level:
        """The kept level called `name`.

        Raises
        ------
        SettingError
            Naming the levels there are.
        """
        return level_named(self.levels, name, self.path.name)

    def segmentation_of(self, level: Level) -> Segmentation:
        """The segmentation a kept level cuts, which may be older than the present one."""
        current = self._need()
        return current if level.segmentation == current.fingerprint else self._segmentations.of(level, self.records)

    def specimen_record(self, specimen: int) -> SpecimenRecord:
        """The record of specimen number `specimen`.

        Raises
        ------
        InputError
            If there is no such specimen.
        """
        return record_numbered(self.records, specimen, self.path.name)

    def label_image(self, what: Cut | Level | None = None, specimen: int = 0) -> LabelImage:
        """A cut (by default the slider's) or a kept level as labels in place, ready to be written.

        Raises
        ------
        InputError
            If there is no such specimen.
        ProjectError
            If there is no segmentation yet.
        """
        record = self.specimen_record(specimen)
        what = what or self.cut()
        segmentation = self.segmentation_of(what) if isinstance(what, Level) else self._need()
        leaves, cut = segmentation.leaves[specimen], checked_cut(segmentation.tree(what.tree), what.nodes)
        return label_image_of(segmentation, cut, leaves, record, self.inputs)

    def forget_unused(self) -> None:
        """Remove what nothing refers to any more, unless an older project may come back or somebody is reading it."""
        if self.read_only or self._replaces is not None or self.damage:
            return
        self._segmentations.forget_all_but(self.levels, self.segmentation, edited(self.path))
        if self.has_checkpoint:
            self.store.forget_latent_views(self.store.checkpoint_fingerprint())
        self.store.forget_volumes({name for record in self.records for name in (*record.sources, record.mask) if name})
        self.store.forget_replaced()

    def _load_structures(self, segmentation: Segmentation) -> None:
        project, changed = proxy(self), partial(self.changed.emit, "structures")  # no circle that keeps files open
        made = self._or_damage(lambda: ProjectStructures(self.path, segmentation, lambda: project.access, changed))
        before = self.structures if self.structures and self.structures.steps else None
        self.structures, self.superseded, self.damage = made, before, self.damage + (made.damage if made else ())

    def _need(self) -> Segmentation:
        if self.segmentation is None:
            raise ProjectError(f"{self.path.name} has no segmentation yet; train and segment it first.")
        return self.segmentation

    def _set_specimen(self, number: int, record: SpecimenRecord) -> None:
        records = (*self.records[:number], record, *self.records[number + 1 :])
        self._write(replace(self._record, specimens=records))
        self._specimens = None
        self.changed.emit("specimens")

    def _set_levels(self, levels: tuple[Level, ...]) -> None:
        self._write(replace(self._record, levels=levels))
        self.changed.emit("levels")

    def _or_damage(self, read: Any) -> Any:
        """The value of `read()`, or None and a sentence in `damage`."""
        try:
            return read()
        except HypsegError as error:
            self.damage = (*self.damage, str(error))
            return None

    @classmethod
    def _create_new(cls, path: Path, specimens: Sequence[Specimen], settings: RunSettings, what: str) -> "Project":
        folder = NewFolder(path)
        try:
            records = tuple(keep_source(path, index, one, folder.fresh) for index, one in enumerate(specimens))
            record = ProjectRecord(token_hex(8), records, settings)
            project = cls(path, record, record.content())
            folder.appear(record.content())
        finally:
            folder.discard()
        project.access = Access.writing(path, what)
        project.access.require()
        return project

    @classmethod
    def _replace(
        cls, path: Path, specimens: Sequence[Specimen], settings: RunSettings, what: str, holder: "Project | None"
    ) -> "Project":
        """Write a record that remembers the one it replaces: one file is exchanged, all others stay as they are."""
        access = Access.writing(path, what) if holder is None else holder.access
        access.require()
        try:
            Store(path).recover()
            identity, known = token_hex(8), read_project_file(path)
            kept, records = record_to_keep(path, known), tuple(keep_source(path, *one) for one in enumerate(specimens))
            record = ProjectRecord(identity, records, settings, replaces=kept, suffix=f"-{identity}")
            project = cls(path, record, known, access)
            project.save()
        except BaseException:
            if holder is None:
                access.close()
            raise
        if holder is not None:
            holder.access = Access(path, f"{path.name} was replaced by another project; open it again.")
        return project

    @classmethod
    def _open(cls, path: Path, access: Access, resume: bool) -> "Project":
        if not access.read_only:
            Store(path).recover()
        project = cls._parsed(path, read_project_file(path), access)
        if project._replaces is not None and project.replaces_another and not resume:
            if project.has_checkpoint:
                project.access = access.awaiting_regions()
            project = project._bring_back(project._replaces)
        project.reload()
        project.forget_unused()
        return project

    @classmethod
    def _parsed(cls, path: Path, content: bytes, access: Access) -> "Project":
        """A project from the content of its file."""
        return cls(path, ProjectRecord.parse(path, content), content, access)

    def _bring_back(self, replaced: str) -> "Project":
        """The project that this one was to replace, on disk too unless it was opened for reading."""
        project = self._parsed(self.path, replaced.encode(), self.access)
        if not self.read_only:
            with self.access.job("bringing back an earlier project"):
                write_bytes(self.store.project_file, replaced.encode())
        return project

    @property
    def _record(self) -> ProjectRecord:
        identity, suffix = self.store.identity, self.store.suffix
        return ProjectRecord(identity, self.records, self.settings, self.levels, self.n_regions, self._replaces, suffix)

    def _write(self, record: ProjectRecord) -> None:
        """Write ``project.json``; what `record` says is taken over only if that succeeds."""
        self.access.require()
        self._file.write(record.content())
        self.records, self.settings, self.levels = record.specimens, record.settings, record.levels
        self._replaces = record.replaces
