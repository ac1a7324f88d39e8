"""A table of batch covariates, one row a specimen, as the text that the settings of a method take."""

import csv
from collections.abc import Sequence
from pathlib import Path

from napari_hypseg.errors import InputError, SettingError

SUFFIX = ".csv"
NAME = "specimen"
RESERVED = ";,="


def covariates_of(text: str, specimens: Sequence[str]) -> str:
    """The text itself, or for the path of a table what it says of each specimen.

    The table has a column ``specimen`` with the names of the volumes, without folder and ending, and a column for each
    covariate.

    Parameters
    ----------
    text
        As the person gave it.
    specimens
        Names of the specimens, in order.

    Raises
    ------
    InputError
        If the table cannot be read.
    SettingError
        If it names other specimens.
    """
    if not text.lower().endswith(SUFFIX):
        return text
    rows = _rows(Path(text))
    unknown, missing = sorted(rows.keys() - set(specimens)), [name for name in specimens if name not in rows]
    if unknown or missing:
        what = f"names {unknown[0]}, which is no specimen" if unknown else f"says nothing of {missing[0]}"
        raise SettingError(f"{text} {what}; the specimens are {', '.join(specimens)}.")
    names = list(rows[specimens[0]])
    return ";".join(f"{name}={','.join(rows[one][name] for one in specimens)}" for name in names)


def _rows(path: Path) -> dict[str, dict[str, str]]:
    """The covariates of each specimen by its name."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            found = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read as a table ({error}); write it as CSV.") from error
    if not found or NAME not in found[0] or len(found[0]) < 2:
        raise InputError(f"{path} is no table of batches; its first line has to be {NAME} and the covariates' names.")
    rows = dict[str, dict[str, str]]()
    for one in found:
        cells = {str(key): str(value or "").strip() for key, value in one.items()}
        if None in one or not all(cells.values()) or any(sign in "".join(cells.values()) for sign in RESERVED):
            raise InputError(f"A row of {path} is not usable: {', '.join(cells.values())}; give one word in each cell.")
        rows[cells.pop(NAME)] = cells
    return rows
