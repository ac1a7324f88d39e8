import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from napari_hypseg.particles.particle_set import ParticleSet
from napari_hypseg.particles.tomogram_grid import TomogramGrid

ODD, EVEN = (101, 135, 135), (100, 134, 136)


@pytest.fixture(params=[ODD, EVEN], ids=["odd", "even"])
def grid(request):
    return TomogramGrid("TS_01", request.param, (4.0, 4.0, 4.0), "nanometer", (50.0, 0.0, -7.0))


@pytest.fixture
def particles(grid):
    """60 particles at fractional places in random orientations, four of them along the axes."""
    rng = np.random.default_rng(7)
    positions = rng.uniform(0, np.array(grid.shape) - 1, (60, 3))
    turned = Rotation.random(60, random_state=2).as_quat()
    turned[:4] = Rotation.from_euler("zyx", [[0, 0, 0], [90, 0, 0], [0, 180, 0], [0, 90, 90]], degrees=True).as_quat()
    scalars = {"score": np.round(rng.uniform(0, 1, 60), 4), "parent": np.arange(60.0) // 6 + 1}
    return ParticleSet(grid, positions, turned, "spike", scalars)
