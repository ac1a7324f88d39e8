"""The boxes that a person names by ``--box``: numbers, a box file, or the folder that `hypseg locate` filled."""

from pathlib import Path

from napari_hypseg.errors import SettingError
from napari_hypseg.io.box_file import SUFFIX, parse_box
from napari_hypseg.io.specimen_names import folder_of
from napari_hypseg.storage.file_names import fitted
from napari_hypseg.volumes import Box, Volume


def find_box(word: str, volume: Volume, text: str, name: str, as_read: Volume | None = None) -> Box:
    """The box of one specimen.

    Parameters
    ----------
    word
        What was said: ``z0:z1,y0:y1,x0:x1``, a file or a folder.
    volume, text, name
        The specimen, as it was named by the person, and its unique name among those of the command.
    as_read
        The volume as its file has it, where its voxel size was corrected.

    Raises
    ------
    SettingError
        If there is no such box, or it was made for another volume.
    """
    folder = Path(word)
    where = str(_box_file(folder, volume, text, name)) if folder.is_dir() else word
    return parse_box(where, volume, as_read)


def _box_file(folder: Path, volume: Volume, text: str, name: str) -> Path:
    """The file of the specimen in `folder`, be it located together with others of its name or not."""
    names = dict.fromkeys((name, volume.name, f"{folder_of(text)}_{volume.name}"))
    for candidate in names:
        if (path := folder / fitted(candidate, SUFFIX)).exists():
            return path
    raise SettingError(
        f"{folder} holds no box for {text}; there should be a file {fitted(name, SUFFIX)}, see hypseg locate."
    )
