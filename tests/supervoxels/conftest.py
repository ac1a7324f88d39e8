import pytest

from napari_hypseg.volumes.phantom import phantom


@pytest.fixture(scope="session")
def wide():
    """A phantom that takes several tiles of 48 voxels."""
    return phantom((60, 110, 104), seed=3).volume
