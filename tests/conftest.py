"""What all tests share. Nothing of napari or Qt is imported here, so that headless tests stay headless."""

import os
from pathlib import Path

import pytest

# Before anything loads torch or napari: threads that sleep while they wait, and no settings of the person's own napari.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("NAPARI_CONFIG", "")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the example volumes: HYPSEG_DATA, or shared/data beside the repository."""
    named = os.environ.get("HYPSEG_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the example volumes are not at {folder}; name their folder with HYPSEG_DATA")
    return folder


SLOWEST_LAST = ("cli", "_napari", "_qt")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first: those that start programs or open windows wait until the rest has passed."""

    def lateness(item: pytest.Item) -> int:
        folder = item.path.parent.name
        return SLOWEST_LAST.index(folder) + 1 if folder in SLOWEST_LAST else 0

    items.sort(key=lateness)
