"""Small specimens, trees and projects for the tests of the napari side."""

import mrcfile
import numpy as np
import pytest
from napari.components import ViewerModel
from napari.utils.notifications import notification_manager
from npe2 import PluginManager

from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import Volume
from tests.scipy_tree import scipy_tree

SHAPE = (6, 8, 10)
SIZE, ORIGIN = (13.0, 12.0, 11.0), (5.0, -20.0, 300.0)


@pytest.fixture
def told():
    """Sentences shown to the person during the test, as (severity, text)."""
    before = len(notification_manager.records)

    def read():
        return [(str(record.severity), record.message) for record in notification_manager.records[before:]]

    return read


@pytest.fixture
def grey():
    """Voxels (z, y, x) that tell every axis and direction apart."""
    z, y, x = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    return (100 * z + 10 * y + x).astype(np.float32)


@pytest.fixture
def write_mrc():
    """Function that writes an MRC map, with a voxel size and an origin of its own along each axis."""

    def write(path, data, size=SIZE, origin=ORIGIN):
        with mrcfile.new(path) as file:
            file.set_data(data)
            file.voxel_size = size[::-1]
            file.header.origin.x, file.header.origin.y, file.header.origin.z = origin[::-1]
        return path

    return write


@pytest.fixture
def mrc(tmp_path, grey, write_mrc):
    """The grey values as a map."""
    return write_mrc(tmp_path / "tomo.mrc", grey)


@pytest.fixture
def tree():
    """A tree over 5 leaves: {0, 1} and {2, 3} are close, 4 is far."""
    points = np.array([[0, 0], [0, 1], [10, 0], [10, 1], [40, 0]], dtype=np.float32)
    return scipy_tree(points, [96] * 5)


@pytest.fixture
def leaves():
    """Leaf ids 0 to 5 in slabs along x; 0 lies outside."""
    data = np.zeros(SHAPE, dtype=np.uint16)
    for leaf in range(1, 6):
        data[:, :, 2 * leaf - 2 : 2 * leaf] = leaf
    data[0] = 0
    return data


@pytest.fixture
def project(tmp_path, mrc, tree, leaves, grey):
    """A segmented project over one file, with a kept level of 2 regions and the slider at 3."""
    volume = Volume((grey,), SIZE, "angstrom", ORIGIN, "tomo", (mrc,))
    made = Project.create(tmp_path / "one.hypseg", [Specimen(volume)], RunSettings())
    (stored,) = made.store.start_segmentation([SHAPE])
    stored[:] = leaves
    made.store.finish_segmentation({PARTS: tree}, {})
    made.reload()
    made.keep_level("coarse", made.cut(2))
    made.set_regions(3)
    made.save()
    return made


@pytest.fixture
def viewer():
    """A viewer without a window, with the installed plugins: all that reading and writing need."""
    PluginManager.instance().discover()
    return ViewerModel()
