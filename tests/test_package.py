"""What importing and installing the package promises, asked in fresh interpreters."""

import subprocess
import sys
from importlib.metadata import entry_points
from importlib.resources import files

import pytest

QT = ("PyQt5", "PyQt6", "PySide2", "PySide6", "qtpy", "superqt", "magicgui", "pyqtgraph")

WHAT_IT_LOADS = """
import importlib, sys
importlib.import_module(sys.argv[1])
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""

# A finder that comes first and knows nothing of the window: what an installation without napari and Qt looks like.
EVERYTHING_HEADLESS = """
import importlib, pkgutil, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in sys.argv[1:]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
import napari_hypseg
def unreadable(name):
    raise
names = [m.name for m in pkgutil.walk_packages(napari_hypseg.__path__, "napari_hypseg.", onerror=unreadable)
         if m.name.split(".")[1] not in ("_qt", "_napari") and not m.name.endswith("__main__")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""


def fresh_interpreter(code: str, *arguments: str) -> str:
    """Standard output of the code in an interpreter of its own."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "module", ["napari_hypseg", "napari_hypseg.io", "napari_hypseg.cli.main", "napari_hypseg._napari.reader"]
)
def test_import_loads_neither_torch_nor_qt_nor_napari(module: str) -> None:
    loaded = set(fresh_interpreter(WHAT_IT_LOADS, module).split())
    assert "napari_hypseg" in loaded
    assert loaded.isdisjoint({"torch", "napari", *QT})


def test_everything_below_the_window_imports_without_napari_and_qt() -> None:
    assert int(fresh_interpreter(EVERYTHING_HEADLESS, "napari", "vispy", *QT)) > 20


def test_command_line_is_installed() -> None:
    (script,) = entry_points(group="console_scripts", name="hypseg")
    assert callable(script.load())


def test_napari_finds_the_manifest() -> None:
    (manifest,) = entry_points(group="napari.manifest", name="napari-hypseg")
    package, _, name = manifest.value.partition(":")
    assert (files(package) / name).is_file()


def test_built_in_methods_load_from_their_entry_points() -> None:
    points = entry_points(group="napari_hypseg.methods")
    assert "hyperbolic" in points.names
    for point in points:
        assert point.load() is not None


def test_types_are_shipped() -> None:
    assert (files("napari_hypseg") / "py.typed").is_file()


def test_every_public_name_is_there_and_known_to_dir() -> None:
    import napari_hypseg

    assert set(dir(napari_hypseg)) == set(napari_hypseg.__all__)
    assert all(callable(getattr(napari_hypseg, name)) for name in napari_hypseg.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        napari_hypseg.nothing  # noqa: B018 - asking is the test
