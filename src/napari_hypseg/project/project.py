"""The project: the one object that changes. It tells what changed and writes as it goes."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from psygnal import Signal

from napari_hypseg.errors import HypsegError, InputError, ProjectError, SettingError
from napari_hypseg.hierarchy.baked import BakedArray
from napari_hypseg.hierarchy.colours import node_colours
from napari_hypseg.hierarchy.cuts import Cut, cut_at, lookup, region_nodes
from napari_hypseg.hierarchy.names import region_names
from napari_hypseg.hierarchy.tree import Hierarchy
from napari_hypseg.io.labels import LabelImage
from napari_hypseg.project.records import Level, Segmentation, SpecimenRecord
from napari_hypseg.project.settings import RunSettings
from napari_hypseg.project.source_files import RecordedFile
from napari_hypseg.project.sources import input_files, keep_source, open_specimen, source_notes
from napari_hypseg.project.store import Store
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import LazyArray, Vector3

SUFFIX = ".hypseg"
FORMAT_VERSION = 1
FIRST_REGIONS = 8
"""Where the slider stands before anybody moved it."""


class Project:
    """One folder on disk: specimens, settings, and what was made of them.

    Events
    ------
    changed
        Emitted with ``"specimens"``, ``"settings"``, ``"training"``, ``"segmentation"``, ``"levels"`` or ``"regions"``.

    Use `create` or `open`; jobs write to the folder, and `reload` takes up what they wrote.
    """

    changed = Signal(str)

    def __init__(self, path: Path, records: Sequence[SpecimenRecord], settings: RunSettings) -> None:
        self.path = path
        self.store = Store(path)
        self.records = tuple(records)
        self.settings = settings
        self.levels: tuple[Level, ...] = ()
        self.n_regions = FIRST_REGIONS
        self.training: dict[str, Any] = {}
        self.segmentation: Segmentation | None = None
        self.damage: tuple[str, ...] = ()
        self._specimens: tuple[Specimen, ...] | None = None
        self._archive: dict[str, Segmentation] = {}

    @classmethod
    def create(
        cls, path: Path, specimens: Sequence[Specimen], settings: RunSettings, overwrite: bool = False
    ) -> "Project":
        """Start a project in a new folder.

        Raises
        ------
        ProjectError
            If something is in the way and `overwrite` is False, or it is no project.
        OutputError
            If the folder cannot be written.
        InputError
            If the specimens cannot be learned from together.
        """
        path = path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
        _check_together(specimens)
        _clear(path, overwrite, specimens)
        store = Store(path)
        store.create()
        records = [keep_source(store.path, index, specimen) for index, specimen in enumerate(specimens)]
        project = cls(path, records, settings)
        project._specimens = tuple(specimens)
        project.save()
        return project

    @classmethod
    def open(cls, path: Path) -> "Project":
        """Open a project as it was left. What is damaged is named in `damage`; the rest opens.

        Raises
        ------
        ProjectError
            If there is no project at `path`, or its ``project.json`` cannot be read at all.
        """
        store = Store(path)
        if not store.project_file.exists():
            raise ProjectError(f"{path} is not a hypseg project: it holds no project.json.")
        record = store.read_json(store.project_file)
        try:
            records = [SpecimenRecord.from_json(specimen) for specimen in record["specimens"]]
            project = cls(path, records, RunSettings.check(record["settings"]))
            project.levels = tuple(Level.from_json(level) for level in record["levels"])
            project.n_regions = int(record["n_regions"])
        except (KeyError, TypeError, ValueError, SettingError) as error:
            raise ProjectError(
                f"{store.project_file} is damaged ({error}); restore it from a copy or start the project anew."
            ) from error
        project.reload()
        return project

    def save(self) -> None:
        """Write ``project.json``."""
        self.store.write_json(
            self.store.project_file,
            {
                "format": FORMAT_VERSION,
                "napari-hypseg": version("napari-hypseg"),
                "specimens": [record.as_json() for record in self.records],
                "settings": self.settings.model_dump(mode="json"),
                "levels": [asdict(level) for level in self.levels],
                "n_regions": self.n_regions,
            },
        )

    def reload(self) -> None:
        """Take up what jobs have written to the folder."""
        self.damage = ()
        self.training = self._or_damage(self._read_training) or {}
        fingerprint = self._or_damage(self.store.current_segmentation)
        loaded = None if fingerprint is None else self._or_damage(lambda: self._load(fingerprint))
        before, self.segmentation = self.segmentation, loaded
        if self.store.checkpoint_file.exists():
            self._or_damage(self._check_checkpoint)
        self.changed.emit("training")
        if loaded is not None and (before is None or before.fingerprint != loaded.fingerprint):
            self.n_regions = min(self.n_regions, loaded.hierarchy.n_leaves)
            self.changed.emit("segmentation")

    @property
    def has_checkpoint(self) -> bool:
        """Whether a model was trained."""
        return self.store.checkpoint_file.exists()

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
        """The tree, None before the first segmentation."""
        return self.segmentation.hierarchy if self.segmentation else None

    @property
    def leaves(self) -> tuple[LazyArray, ...]:
        """Leaf-id volumes (z, y, x) uint16, one a specimen; empty before the first segmentation."""
        return self.segmentation.leaves if self.segmentation else ()

    def configure(self, settings: RunSettings) -> None:
        """Change the settings of the next run."""
        self.settings = settings
        self.save()
        self.changed.emit("settings")

    def correct_voxel_size(self, specimen: int, voxel_size: Vector3, unit: str) -> None:
        """Put right what a specimen's header said; regions stay as they are and are exported at the new size.

        Raises
        ------
        ProjectError
            If the specimen's source is missing.
        """
        records = list(self.records)
        records[specimen] = replace(records[specimen], voxel_size=voxel_size, unit=unit)
        fingerprint = open_specimen(self.path, records[specimen]).fingerprint
        records[specimen] = replace(records[specimen], fingerprint=fingerprint)
        self.records, self._specimens = tuple(records), None
        self.save()
        self.changed.emit("specimens")

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
        records = list(self.records)
        files = [RecordedFile.of(self.path, path) for path in paths]
        records[specimen] = records[specimen].with_files(files)
        open_specimen(self.path, records[specimen])
        self.records, self._specimens = tuple(records), None
        self.save()
        self.changed.emit("specimens")

    def set_regions(self, n_regions: int) -> None:
        """Move the slider.

        Raises
        ------
        SettingError
            If the tree has no cut with that many regions.
        """
        cut_at(self._need().hierarchy, n_regions)
        self.n_regions = n_regions
        self.changed.emit("regions")

    def cut(self, n_regions: int | None = None) -> Cut:
        """The cut into `n_regions`, by default where the slider stands."""
        return cut_at(self._need().hierarchy, self.n_regions if n_regions is None else n_regions)

    def keep_level(self, name: str | None = None, cut: Cut | None = None) -> Level:
        """Keep a cut, by default the slider's, under a name, by default its number of regions.

        Raises
        ------
        SettingError
            If the name is taken.
        """
        cut = cut or self.cut()
        taken = {level.name for level in self.levels}
        name = (name or "").strip() or _free_name(f"{len(cut.nodes)} regions", taken)
        if name in taken:
            raise SettingError(f"There is already a level {name!r}; choose another name.")
        level = Level(name, tuple(int(node) for node in cut.nodes), self._need().fingerprint)
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
        if not new.strip() or new in {level.name for level in self.levels if level.name != old}:
            raise SettingError(f"A level cannot be called {new!r}: the name is empty or taken.")
        self.level(old)
        self._set_levels(
            tuple(Level(new, level.nodes, level.segmentation) if level.name == old else level for level in self.levels)
        )

    def level(self, name: str) -> Level:
        """The kept level called `name`.

        Raises
        ------
        SettingError
            Naming the levels there are.
        """
        for level in self.levels:
            if level.name == name:
                return level
        there = ", ".join(level.name for level in self.levels) or "none yet"
        raise SettingError(f"There is no level {name!r} in {self.path.name}; kept levels: {there}.")

    def segmentation_of(self, level: Level) -> Segmentation:
        """The segmentation a kept level cuts, which may be older than the present one."""
        current = self._need()
        if level.segmentation == current.fingerprint:
            return current
        if level.segmentation not in self._archive:
            self._archive[level.segmentation] = self._load(level.segmentation)
        return self._archive[level.segmentation]

    def specimen_record(self, specimen: int) -> SpecimenRecord:
        """The record of specimen number `specimen`.

        Raises
        ------
        InputError
            If there is no such specimen.
        """
        if not 0 <= specimen < len(self.records):
            raise InputError(
                f"{self.path.name} has no specimen {specimen}; they are numbered from 0 to {len(self.records) - 1}."
            )
        return self.records[specimen]

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
        cut = Cut(what.nodes)
        tree = segmentation.hierarchy
        colours = node_colours(tree)
        return LabelImage(
            data=BakedArray(segmentation.leaves[specimen], lookup(tree, cut)),
            maximum=len(cut.nodes),
            voxel_size=record.voxel_size,
            unit=record.unit,
            origin=record.origin,
            direction=record.direction,
            names=region_names(tree, cut),
            colours={
                region: tuple(colours[node].tolist()) for region, node in enumerate(region_nodes(tree, cut), start=1)
            },
            metadata=record.metadata,
            inputs=self.inputs,
        )

    def forget_unused(self) -> None:
        """Remove segmentations that neither the slider nor a kept level needs."""
        needed = {level.segmentation for level in self.levels}
        self.store.forget_segmentations(needed | ({self.segmentation.fingerprint} if self.segmentation else set()))

    def _need(self) -> Segmentation:
        if self.segmentation is None:
            raise ProjectError(f"{self.path.name} has no segmentation yet; train and segment it first.")
        return self.segmentation

    def _set_levels(self, levels: tuple[Level, ...]) -> None:
        self.levels = levels
        self.save()
        self.changed.emit("levels")

    def _load(self, fingerprint: str) -> Segmentation:
        return self.store.load_segmentation(fingerprint, len(self.records))

    def _read_training(self) -> dict[str, Any]:
        return self.store.read_json(self.store.training_file) if self.store.training_file.exists() else {}

    def _check_checkpoint(self) -> None:
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.store.checkpoint_file, framework="numpy") as stream:
                stream.metadata()
        except (OSError, SafetensorError) as error:
            raise ProjectError(
                f"The checkpoint {self.store.checkpoint_file} is damaged; learn again to replace it."
            ) from error

    def _or_damage(self, read: Any) -> Any:
        """The value of `read()`, or None and a sentence in `damage`."""
        try:
            return read()
        except HypsegError as error:
            self.damage = (*self.damage, str(error))
            return None


def _check_together(specimens: Sequence[Specimen]) -> None:
    channels = {len(specimen.volume.channels) for specimen in specimens}
    if not specimens:
        raise InputError("There is nothing to segment; give at least one volume.")
    if len(channels) > 1:
        listed = ", ".join(f"{s.volume.name} has {len(s.volume.channels)}" for s in specimens)
        raise InputError(
            f"All specimens need the same number of channels, but {listed}; join channels of one specimen with +."
        )


def _clear(path: Path, overwrite: bool, specimens: Sequence[Specimen]) -> None:
    """Make room at `path`: only an older project may be replaced, and only when asked to; `specimens` stay readable."""
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    if not (path / "project.json").exists():
        raise ProjectError(f"{path} is in the way and is no hypseg project; choose another name.")
    if not overwrite:
        raise ProjectError(
            f"The project {path} exists already; open it, choose another name, or overwrite it.", setting="overwrite"
        )
    volumes = [specimen.volume for specimen in specimens] + [s.mask for s in specimens if s.mask is not None]
    Store(path).clear(spared={source.resolve() for volume in volumes for source in volume.sources})


def _free_name(wanted: str, taken: set[str]) -> str:
    names = (wanted if number == 1 else f"{wanted} ({number})" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)
