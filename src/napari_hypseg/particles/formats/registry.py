"""The formats of particle files by name, and which of them a file's ending means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.particles.formats import copick, delimited, dynamo, relion
from napari_hypseg.particles.formats.file_settings import FileSettings
from napari_hypseg.particles.formats.picks import Picks
from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid


@dataclass(frozen=True)
class ParticleFormat:
    """A kind of file.

    Parameters
    ----------
    name, title
        Word for programs, and for a person.
    suffix
        Ending of its files.
    read
        Picks of a tomogram from a file.
    text
        Content of a file with some particles.
    """

    name: str
    title: str
    suffix: str
    read: Callable[[Path, TomogramGrid, FileSettings], Picks]
    text: Callable[[ParticleSet, FileSettings], str]

    @property
    def written(self) -> tuple[str, ...]:
        """The ending, as dialogs ask for it."""
        return (self.suffix,)


FORMATS: Mapping[str, ParticleFormat] = MappingProxyType(
    {
        one.name: one
        for one in (
            ParticleFormat("relion5", "RELION 5", ".star", relion.read, relion.text5),
            ParticleFormat("relion4", "RELION 4", ".star", relion.read, relion.text4),
            ParticleFormat("dynamo", "Dynamo table", ".tbl", dynamo.read, dynamo.text),
            ParticleFormat("copick", "copick picks", ".json", copick.read, copick.text),
            ParticleFormat("csv", "CSV table", ".csv", delimited.read, delimited.text),
            ParticleFormat("napari", "napari points", ".csv", delimited.read, delimited.napari_text),
        )
    }
)


def format_for(path: Path, name: str | None = None) -> ParticleFormat:
    """The format called `name`, or by default the first whose files end as `path` does.

    Raises
    ------
    SettingError
        If there is none, or `path` does not end as its files do.
    """
    suffix = path.suffix.lower()
    fitting = [one for one in FORMATS.values() if one.suffix == suffix and name in (None, one.name)]
    if not fitting:
        endings = ", ".join(dict.fromkeys(one.suffix for one in FORMATS.values() if name in (None, one.name)))
        raise SettingError(f"Particles cannot be in {path.name}; let the name end in {endings}.")
    return fitting[0]


def refuse_as_volume(path: Path) -> None:
    """Say how a list of particles is opened, where one was given as if it were a volume.

    Raises
    ------
    InputError
        If `path` ends as a list of particles does.
    """
    if path.suffix.lower() in {one.suffix for one in FORMATS.values()}:
        raise InputError(
            f"{path.name} is no volume; open the tomogram first, then particles with Open picks… in the Hypseg panel."
        )
