"""What all tests share. Nothing of napari or Qt is imported here, so that headless tests stay headless."""

import gc
import os
from pathlib import Path

import pytest

# Before anything loads torch or napari: threads that sleep while they wait, and no settings of the person's own napari.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("NAPARI_CONFIG", "")
if "PYTEST_XDIST_WORKER" in os.environ:  # each of the processes side by side has a core of its own
    os.environ.setdefault("OMP_NUM_THREADS", "1")

TESTS = Path(__file__).parent


@pytest.fixture(autouse=True, scope="session")
def no_speeds_of_the_persons_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What tests find out about this machine is not kept."""
    os.environ["HYPSEG_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the example volumes: HYPSEG_DATA, or shared/data beside the repository."""
    named = os.environ.get("HYPSEG_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the example volumes are not at {folder}; name their folder with HYPSEG_DATA")
    return folder


@pytest.fixture
def nuclei(tmp_path: Path) -> Path:
    """A folder of example volumes with one of them: two bright balls, each with a number of its own."""
    import numpy as np
    import tifffile

    folder = tmp_path / "volumes" / "lm_nuclei"
    folder.mkdir(parents=True)
    places = np.moveaxis(np.indices((12, 24, 26)), 0, -1)
    labels = np.zeros((12, 24, 26), np.uint16)
    for number, centre in ((3, (6, 8, 8)), (7, (6, 16, 18))):
        labels[np.linalg.norm(places - centre, axis=-1) < 5] = number
    noise = np.random.default_rng(0).normal(size=labels.shape)
    grey = (1000 * (labels > 0) + 100 * noise + 500).astype(np.uint16)
    for name, array in {"nuclei": grey, "labels": labels}.items():
        tifffile.imwrite(folder / f"{name}.tif", array, photometric="minisblack")
    return folder.parent


WINDOWS_LAST = ("cli", "_napari", "_qt")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order files for processes side by side, which take one after the other.

    Those with slow tests come first, so that no process is left with one at the end; those that start programs or open
    windows wait until the rest has passed.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}

    def lateness(item: pytest.Item) -> int:
        folder = item.path.relative_to(TESTS).parts[0]
        if item.path in slow:
            return 0
        return WINDOWS_LAST.index(folder) + 2 if folder in WINDOWS_LAST else 1

    items.sort(key=lateness)


def pytest_collection_finish() -> None:
    """Never search what was imported for garbage: with torch and napari there, that takes half a second each time."""
    gc.collect()
    gc.freeze()
