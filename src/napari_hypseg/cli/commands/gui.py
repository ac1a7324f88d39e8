"""`hypseg gui`: start napari as the person would, with the panel open and the file loaded.

napari runs as a program of its own, so that this command can say what is missing where napari is not installed.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.errors import HypsegError, InputError
from napari_hypseg.io.overwrite_protection import PROJECT_SUFFIX
from napari_hypseg.io.registry import format_of
from napari_hypseg.particles.formats.registry import refuse_as_volume

PLUGIN = "napari-hypseg"
QT_BINDINGS = ("PySide6", "PyQt6", "PyQt5")
INSTALL = 'pip install "napari-hypseg[all]"'

DESCRIPTION = "Open napari with the segmentation panel, and with a volume or a project if one is named."
EPILOG = """\
examples:
  hypseg gui
  hypseg gui tomogram.mrc
  hypseg gui tomogram.hypseg      (continue with a project, exactly as left)"""


def configure(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Describe the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a volume, or a project NAME.hypseg")


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Run napari until its window is closed.

    Raises
    ------
    InputError
        If the file does not exist, or is no volume and no project.
    HypsegError
        If napari or Qt is not installed, or napari ends with an error.
    """
    if arguments.file is not None and not arguments.file.exists():
        raise InputError(f"{arguments.file} does not exist; check the path.")
    if arguments.file is not None and arguments.file.suffix != PROJECT_SUFFIX:
        refuse_as_volume(arguments.file)
        format_of(arguments.file)
    _require_napari()
    code = subprocess.call(napari_words(arguments.file))
    if code:
        raise HypsegError(f"napari ended with code {code}; what it wrote above says why.")
    return Outcome({}, "")


def napari_words(file: Path | None) -> list[str]:
    """Command line that starts napari with the panel, reading `file` by way of this plugin."""
    opened = [] if file is None else [str(file), "--plugin", PLUGIN]
    return [sys.executable, "-m", "napari", *opened, "--with", PLUGIN]


def _require_napari() -> None:
    if find_spec("napari") is None:
        raise HypsegError(f"napari is not installed; install it with: {INSTALL}")
    if not any(find_spec(binding) for binding in QT_BINDINGS):
        raise HypsegError(f"napari is installed but no Qt binding is; install one with: {INSTALL}")
