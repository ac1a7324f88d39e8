"""The volumes in a folder."""

from pathlib import Path

from napari_hypseg.errors import InputError
from napari_hypseg.io.registry import format_of, readable_suffixes


def volumes_in(word: str) -> list[str]:
    """The volumes in a folder, or the word itself if it is one.

    Raises
    ------
    InputError
        If there is none in the folder.
    """
    folder = Path(word).expanduser()
    if not folder.is_dir() or _is_volume(folder):
        return [word]
    found = [str(path) for path in sorted(folder.iterdir()) if not path.name.startswith(".") and _is_volume(path)]
    if not found:
        raise InputError(
            f"There is no volume in {folder}; what can be opened ends in {', '.join(readable_suffixes())}."
        )
    return found


def _is_volume(path: Path) -> bool:
    try:
        return format_of(path).is_folder == path.is_dir()
    except InputError:
        return False
