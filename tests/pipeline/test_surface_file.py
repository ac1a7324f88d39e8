"""Surfaces through a file, as the window gets them."""

import numpy as np
import pytest

from napari_hypseg._qt.jobs.project_jobs import surfaces
from napari_hypseg._qt.jobs.serialization import decode, encode
from napari_hypseg.errors import OutputError, SettingError
from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.jobs import Notice, drive, quietly
from napari_hypseg.pipeline.measured import structure_masks
from napari_hypseg.pipeline.surfaces import read_surfaces, surface_file_job, surfaces_job
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.structures.edits import MakeStructure
from napari_hypseg.structures.surface_mesh import SurfaceSettings
from tests.project.conftest import cell, segment


@pytest.fixture
def project(tmp_path):
    """Structure a of the first of four leaves, and b of none."""
    made = Project.create(tmp_path / "cell", [cell()], RunSettings())
    segment(made)
    made.reload()
    for name, leaves in (("a", "0"), ("b", "")):
        made.structures.do(MakeStructure(name=name, colour=(1.0, 0.0, 0.0), leaves=leaves, tree=PARTS))
    yield made
    made.close()


def test_what_is_read_is_what_was_made_and_nothing_has_no_surface(project, tmp_path):
    events = []
    job = surfaces(None, str(project.path), (), 0, {"smoothing": 0.5}, str(tmp_path / "made.npz"))
    heads = decode(encode(drive(job, events.append)))
    assert [(head.id, head.name) for head in heads] == [(1, "a")]
    assert Notice("b has no voxels here and so no surface.") in events
    (mesh,) = read_surfaces(tmp_path / "made.npz", heads, "pixel")
    masks = structure_masks(project, ("a",))
    (wanted,) = quietly(surfaces_job(project, masks, 0, SurfaceSettings(smoothing=0.5)))
    np.testing.assert_array_equal(mesh.vertices, wanted.vertices)
    np.testing.assert_array_equal(mesh.faces, wanted.faces)
    assert mesh.colour == wanted.colour == (1.0, 0.0, 0.0, 1.0)


def test_what_cannot_be_is_said(project, tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        quietly(surface_file_job(project, ("a",), 0, SurfaceSettings(), tmp_path / "no" / "made.npz"))
    with pytest.raises(SettingError, match="shell"):
        quietly(surfaces(None, str(project.path), ("shell",), 0, {}, str(tmp_path / "made.npz")))
