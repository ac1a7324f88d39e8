"""``project.json``: by what a project is known, whether this version can read it, and whether it is whole."""

from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from napari_hypseg.errors import ProjectError, SettingError
from napari_hypseg.project.records import Level, SpecimenRecord
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.project.store import SUFFIX
from napari_hypseg.storage.atomic import write_bytes
from napari_hypseg.storage.checksum import checksum_matches, checksummed_json
from napari_hypseg.storage.json_text import JsonError, parse_json
from napari_hypseg.storage.reading import reading

NAME = "project.json"
FORMAT_VERSION = 3
"""1 had no checksums, 2 one tree."""
MARK = "napari-hypseg"
FIRST_REGIONS = 8
"""Number of regions before the slider is moved."""
RECORD = "the record of a project's volumes, settings and kept levels"
REMEDY = "restore it from a copy or start the project anew"


@dataclass(frozen=True)
class ProjectRecord:
    """What ``project.json`` says.

    Parameters
    ----------
    identity
        Of the project: another one for each that is created; empty if an earlier version created it.
    specimens, settings, levels, n_regions
        As in `Project`.
    replaces
        Content of the record in whose place this one was put, until this one has regions.
    suffix
        As in `Store`.
    """

    identity: str
    specimens: tuple[SpecimenRecord, ...]
    settings: RunSettings
    levels: tuple[Level, ...] = ()
    n_regions: int = FIRST_REGIONS
    replaces: str | None = None
    suffix: str = ""

    def content(self) -> bytes:
        """The content of the file, with its checksum."""
        record = {
            "format": FORMAT_VERSION,
            MARK: version("napari-hypseg"),
            "id": self.identity,
            "specimens": [specimen.as_json() for specimen in self.specimens],
            "settings": self.settings.model_dump(mode="json"),
            "levels": [asdict(level) for level in self.levels],
            "n_regions": self.n_regions,
            "suffix": self.suffix,
        }
        return checksummed_json(record if self.replaces is None else {**record, "replaces": self.replaces})

    @classmethod
    def parse(cls, path: Path, content: bytes) -> "ProjectRecord":
        """The record of the project in the folder `path` from the content of its file.

        Raises
        ------
        ProjectError
            If it is damaged, is something else, or was made by a newer version.
        """
        record = _plain(path, content)
        with reading(path / NAME, RECORD, REMEDY, ProjectError):
            try:
                settings = RunSettings.check(record["settings"])
            except SettingError as error:
                raise ValueError(str(error).rstrip(".")) from error
            return cls(
                str(record.get("id", "")),
                tuple(SpecimenRecord.from_json(specimen) for specimen in record["specimens"]),
                settings,
                tuple(Level.from_json(level) for level in record["levels"]),
                int(record["n_regions"]),
                record.get("replaces"),
                _suffix(record.get("suffix", "")),
            )


def _suffix(text: Any) -> str:
    """What names end in, which must not lead out of the folder."""
    if not isinstance(text, str) or not SUFFIX.fullmatch(text):
        raise ValueError(f"{text!r} cannot be a part of a name")
    return text


def is_project(path: Path) -> bool:
    """Whether the folder `path` is a project, of whatever version, be it damaged: its record says so itself."""
    try:
        return _is_record(parse_json((path / NAME).read_bytes()))
    except (OSError, JsonError):
        return False


def read_project_file(path: Path) -> bytes:
    """The record of the project in the folder `path`, as it stands in the file.

    Raises
    ------
    ProjectError
        If there is none, or it may not be read.
    """
    file = path / NAME
    with reading(file, RECORD, REMEDY, ProjectError):
        if not path.exists():
            raise ProjectError(f"There is no project {path}; check its name and the folder.")
        if not path.is_dir():
            raise ProjectError(f"{path} is a file and not a project; name a folder NAME.hypseg.")
        if not file.exists():
            raise ProjectError(
                f"{path} is not a hypseg project: the record of volumes, settings and kept levels ({NAME}) is not in "
                "it; choose a folder that was made by Train or by hypseg run, or restore it from a copy."
            )
        return file.read_bytes()


class ProjectFile:
    """``project.json`` on disk: written as a whole, and never over what another program has written since.

    Parameters
    ----------
    path
        Folder of the project.
    known
        What was read or written last.
    """

    def __init__(self, path: Path, known: bytes) -> None:
        self._path, self.known = path, known

    def write(self, content: bytes) -> None:
        """Replace what is in the file.

        Raises
        ------
        ProjectError
            If another program has changed it.
        OutputError
            If the disk is full or fails; what is on it stays as it was.
        """
        if read_project_file(self._path) != self.known:
            raise ProjectError(f"{self._path} was changed by another program since it was opened; open it again.")
        # A person knows the project, not the file in it.
        write_bytes(self._path / NAME, content, called=f"The settings and kept levels of {self._path}")
        self.known = content


def check_format(path: Path, record: dict[str, Any]) -> None:
    """Make sure that this version knows the format of a record.

    Raises
    ------
    ProjectError
        If it is newer.
    """
    if record["format"] > FORMAT_VERSION:
        raise ProjectError(
            f"{path} was made by a newer version of napari-hypseg (format {record['format']}, this one reads up to "
            f"{FORMAT_VERSION}); update napari-hypseg to open it."
        )


def _plain(path: Path, content: bytes) -> dict[str, Any]:
    """Plain values of a record that is whole and of a known format."""
    file = path / NAME
    with reading(file, RECORD, REMEDY, ProjectError):
        record = parse_json(content)
        if not _is_record(record):
            raise ValueError("it is no record of a hypseg project")
    check_format(path, record)
    if checksum_matches(content) is not (None if record["format"] == 1 else True):
        raise ProjectError(f"{file} cannot be read as {RECORD} (its content is not what was written); {REMEDY}.")
    return dict(record)


def _is_record(record: Any) -> bool:
    return (
        isinstance(record, dict)
        and isinstance(record.get("format"), int)
        and isinstance(record.get(MARK), str)
        and isinstance(record.get("specimens"), list)
    )
