"""Where the example volumes lie, which are not part of the project."""

import os
from argparse import ArgumentParser
from pathlib import Path

from napari_hypseg.errors import InputError

DATA = "HYPSEG_DATA"


def add_data(parser: ArgumentParser) -> None:
    """The flag that names their folder."""
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help=f"folder of the example volumes [default: {DATA} in the environment]"
    )


def data_folder(named: Path | None) -> Path | None:
    """Their folder, None if none is known.

    Raises
    ------
    InputError
        If the one that was named is not there.
    """
    folder = named or (Path(os.environ[DATA]) if os.environ.get(DATA) else None)
    if folder is not None and not folder.is_dir():
        raise InputError(f"There is no folder {folder} of example volumes; check --data or {DATA}.")
    return folder
