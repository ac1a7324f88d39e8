"""`hypseg relink`: tell a project where its volumes and masks are now."""

import argparse
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.parsing.parser import add_json
from napari_hypseg.errors import InputError, ProjectError, SettingError
from napari_hypseg.io.volume_paths import channel_paths, volume_exists
from napari_hypseg.project.project import Project
from napari_hypseg.project.records import SpecimenRecord
from napari_hypseg.project.relinking import find_files
from napari_hypseg.project.source_files import RecordedFile, missing
from napari_hypseg.project.sources import source_notes

DESCRIPTION = """\
Tell a project where the files are that it was made from, after they have been moved or renamed.

Name the folder that holds them now, or the files: they are known by their names and by the voxels they hold. Or say it
for one of them, as OLD=NEW, where OLD is the file as the project knows it (hypseg info), its name alone, or the number
of a specimen, counted from 0, whose channels are joined by +; then it is taken even if it holds other voxels."""
EPILOG = """\
examples:
  hypseg relink cell.hypseg /data/new_disk
  hypseg relink cell.hypseg renamed.mrc
  hypseg relink cell.hypseg tomogram.mrc=/data/renamed.mrc
  hypseg relink both.hypseg 0=a.mrc 1=b.mrc"""
SIGN = "="


def configure(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Describe the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("project", type=Path, metavar="NAME.hypseg", help="the project folder")
    parser.add_argument("places", nargs="+", metavar="FOLDER|FILE|OLD=NEW", help="where its files are now")
    add_json(parser)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Put the new places into the project.

    Raises
    ------
    HypsegError
        If there is no such project, file or place, or files are still missing.
    """
    with closing(Project.open(arguments.project, write=True, what="hypseg relink")) as project:
        project.access.require()
        record = _relink_all(project, arguments.places)
    for note in record["notes"]:
        display.note(note)
    return Outcome(record, _summary(record))


def _relink_all(project: Project, texts: Sequence[str]) -> dict[str, Any]:
    """Do what each word says; gives what has changed."""
    before = [_paths(project.path, record) for record in project.records]
    places = [Path(text).expanduser() for text in texts if not _names_one(text)]
    if lost := [place for place in places if not volume_exists(place)]:
        raise InputError(f"{lost[0]} does not exist; name the folder or file as it is called now.")
    told = {number: list(paths) for number, paths in enumerate(before)}
    for text in filter(_names_one, texts):
        _put(project, told, text)
    for number, paths in told.items():
        _relink(project, number, paths, places)
    _require_all(project)
    moved = [
        {"specimen": number, "old": old, "new": new}
        for number, (record, paths) in enumerate(zip(project.records, before, strict=True))
        for old, new in zip(paths, _paths(project.path, record), strict=True)
        if old != new
    ]
    return {"project": project.path, "relinked": moved, "notes": project.source_notes()}


def _paths(project: Path, record: SpecimenRecord) -> list[Path]:
    return [project / file.path for file in record.files]


def _names_one(text: str) -> bool:
    return SIGN in text and not Path(text).expanduser().exists()


def _put(project: Project, told: Mapping[int, list[Path]], text: str) -> None:
    """Put what ``OLD=NEW`` says among the files of the specimens, by their numbers."""
    old, _, new = text.partition(SIGN)
    if old.isdecimal() and int(old) in told:
        sources, wanted = channel_paths(new), len(project.records[int(old)].sources)
        if len(sources) != wanted:
            raise SettingError(f"Specimen {old} has {wanted} files but {new} names {len(sources)}; join them with +.")
        told[int(old)][:wanted] = sources
        return
    found = [
        (number, position)
        for number, record in enumerate(project.records)
        for position, file in enumerate(record.files)
        if old in (file.path, file.name, str(project.path / file.path))
    ]
    if not found:
        known = ", ".join(file.path for record in project.records for file in record.files)
        raise SettingError(f"{project.path} knows no file {old}; its files: {known}.")
    for number, position in found:
        told[number][position] = Path(new).expanduser()


def _relink(project: Project, number: int, paths: Sequence[Path], places: Sequence[Path]) -> None:
    """Let a specimen be read from `paths`, but look in `places` if one is missing or not the same any more."""
    known = project.records[number]
    told = known.with_files([RecordedFile.of(project.path, path) for path in paths])
    lost = missing(project.path, told.files) or source_notes(project.path, [told])
    found = find_files(project.path, told, places) if lost and places else None
    if found or told.sources != known.sources or told.mask != known.mask:
        project.relink(number, found or paths)


def _require_all(project: Project) -> None:
    gone = [path for record in project.records for path in missing(project.path, record.files)]
    if gone:
        raise ProjectError(
            f"{', '.join(map(str, gone))} of {project.path.name} cannot be found there, or holds other voxels; name "
            f"another folder, or say {gone[0].name}=NEW."
        )


def _summary(record: Mapping[str, Any]) -> str:
    lines = [f"{moved['old']} is now {moved['new']}" for moved in record["relinked"]]
    return "\n".join([*lines, f"All files of {record['project']} are there."])
