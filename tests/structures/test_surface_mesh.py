import numpy as np
import pytest
import trimesh

from napari_hypseg.errors import InputError, OutputError, SettingError
from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.structures import isosurface, surface_mesh
from napari_hypseg.structures.mesh_files import write_meshes_job
from napari_hypseg.structures.surface_mesh import SurfaceMesh, SurfaceSettings, bin_factors, surface_mesh_job

CUBIC = (1.0, 1.0, 1.0)
NOWHERE = (0.0, 0.0, 0.0)


def surface(mask, voxel_size=CUBIC, origin=NOWHERE, settings=None, **described):
    return quietly(surface_mesh_job(mask, voxel_size, origin, SurfaceSettings.check(settings or {}), **described))


def solid(mesh):
    return trimesh.Trimesh(mesh.vertices[:, ::-1], mesh.faces, process=False)


@pytest.mark.parametrize("slab_cells", [1, 3000, 1 << 20])
@pytest.mark.parametrize("smoothing", [0, 1, 2.5])
@pytest.mark.parametrize("voxel_size", [CUBIC, (3.0, 1.0, 1.5)])
def test_a_ball_is_closed_and_at_true_scale_and_place(monkeypatch, ellipsoid, slab_cells, smoothing, voxel_size):
    monkeypatch.setattr(isosurface, "SLAB_CELLS", slab_cells)
    radius, origin = 14.0, (100.0, -200.0, 30.0)
    shape = tuple(int(2 * radius / edge) + 7 for edge in voxel_size)
    centre = [n / 2 - 0.5 for n in shape]
    mask = ellipsoid(shape, centre, radius, voxel_size)
    mesh = surface(mask, voxel_size, origin, {"smoothing": smoothing}, unit="nanometer")
    ball = solid(mesh)
    assert ball.is_watertight
    assert ball.is_winding_consistent
    assert ball.volume == pytest.approx(mask.sum() * np.prod(voxel_size), rel=0.03)  # negative if it were inside out
    if smoothing:
        assert ball.area == pytest.approx(4 * np.pi * radius**2, rel=0.05)
    world = np.array(centre) * voxel_size + origin
    np.testing.assert_allclose(mesh.vertices.mean(axis=0), world, atol=0.05)
    np.testing.assert_allclose(np.ptp(mesh.vertices, axis=0), 2 * radius, atol=max(voxel_size))


def test_what_is_thin_does_not_disappear():
    plate = np.zeros((20, 24, 24), bool)
    plate[9, 3:21, 3:21] = True
    mesh = surface(plate)
    assert solid(mesh).is_watertight
    np.testing.assert_allclose(np.ptp(mesh.vertices, axis=0)[1:], 18, atol=2)


def test_a_structure_that_is_cut_off_is_closed_there():
    mask = np.zeros((10, 12, 14), bool)
    mask[:5, :, :6] = True
    mesh = surface(mask)
    assert solid(mesh).is_watertight
    assert solid(mesh).volume == pytest.approx(mask.sum(), rel=0.05)


def test_several_pieces_are_one_surface(ellipsoid):
    shape = (20, 20, 60)
    mask = ellipsoid(shape, (10, 10, 12), 7) | ellipsoid(shape, (10, 10, 45), 8)
    assert solid(surface(mask)).body_count == 2


@pytest.mark.parametrize("binning", [2, 3])
def test_binning_saves_triangles_and_keeps_scale_and_place(ellipsoid, binning):
    voxel_size = (1.0, 2.0, 1.0)
    shape, centre = (47, 25, 49), (22.0, 12.0, 25.0)
    mask = ellipsoid(shape, centre, 18, voxel_size)
    fine, coarse = (surface(mask, voxel_size, settings={"binning": b}) for b in (1, binning))
    assert len(coarse.faces) < len(fine.faces) / binning
    assert solid(coarse).is_watertight
    assert solid(coarse).volume == pytest.approx(solid(fine).volume, rel=0.03)
    np.testing.assert_allclose(coarse.vertices.mean(axis=0), np.array(centre) * voxel_size, atol=0.2)


def test_large_structures_are_binned_by_themselves(monkeypatch, ellipsoid):
    assert bin_factors((256, 256, 256), CUBIC, None) == (1, 1, 1)
    assert bin_factors((128, 1024, 1024), (8.0, 1.0, 1.0), None) == (1, 3, 3)
    assert bin_factors((10, 10, 10), (2.0, 1.0, 1.0), 2) == (1, 2, 2)
    monkeypatch.setattr(surface_mesh, "MAX_CELLS", 4000)
    mask = ellipsoid((40, 40, 40), (20, 20, 20), 15)
    mesh = surface(mask)
    assert len(mesh.faces) < 4000
    assert solid(mesh).volume == pytest.approx(mask.sum(), rel=0.05)


def test_an_empty_mask_has_no_triangle(tmp_path):
    mesh = surface(np.zeros((4, 5, 6), bool), name="shell")
    assert mesh.faces.shape == (0, 3)
    with pytest.raises(InputError, match="shell has no voxels"):
        quietly(write_meshes_job(tmp_path / "shell.stl", [mesh]))
    assert not list(tmp_path.iterdir())


def test_progress_is_told(ellipsoid):
    events = []
    mask = ellipsoid((20, 20, 20), (10, 10, 10), 7)
    drive(surface_mesh_job(mask, CUBIC, NOWHERE, SurfaceSettings()), events.append)
    assert len(events) > 3
    assert all(isinstance(event, Progress) and 0 <= event.fraction <= 1 for event in events)


@pytest.fixture(scope="module")
def meshes(ellipsoid):
    shell, lumen = ellipsoid((20, 24, 30), (9, 11, 14), 8), ellipsoid((20, 24, 30), (9, 11, 14), 4)
    place = {"voxel_size": (2.0, 1.0, 1.5), "origin": (10.0, 20.0, 30.0)}
    return [
        surface(shell, **place, unit="angstrom", name="shell", colour=(0.8, 0.4, 0.0, 0.6)),
        surface(lumen, **place, unit="angstrom", name="lumen", colour=(0.0, 0.4, 0.8, 1.0)),
    ]


@pytest.mark.parametrize("suffix", [".stl", ".ply", ".obj", ".glb", ".GLB"])
def test_files_read_back_at_true_scale_outside_out(tmp_path, meshes, suffix):
    path = quietly(write_meshes_job(tmp_path / f"shell{suffix}", meshes[:1]))
    back = trimesh.load_mesh(path)
    assert len(back.faces) == len(meshes[0].faces)
    low, high = meshes[0].vertices.min(axis=0)[::-1], meshes[0].vertices.max(axis=0)[::-1]
    np.testing.assert_allclose(back.bounds, [low, high], rtol=1e-5)
    assert back.volume == pytest.approx(solid(meshes[0]).volume, rel=1e-4)


@pytest.mark.parametrize("suffix", [".stl", ".ply", ".obj", ".glb"])
def test_the_unit_is_noted_in_the_file(tmp_path, meshes, suffix):
    path = quietly(write_meshes_job(tmp_path / f"shell{suffix}", meshes[:1]))
    content = path.read_bytes()
    assert b"angstrom" in content[:2000]
    assert not content.startswith(b"solid")  # a binary STL that does is taken for text


def test_a_scene_keeps_structures_apart_with_name_and_colour(tmp_path, meshes):
    scene = trimesh.load_scene(quietly(write_meshes_job(tmp_path / "both.glb", meshes)))
    assert set(scene.geometry) == {"shell", "lumen"}
    assert scene.geometry["shell"].visual.material.baseColorFactor.tolist() == [204, 102, 0, 153]
    text = quietly(write_meshes_job(tmp_path / "both.obj", meshes)).read_text()
    assert [line for line in text.splitlines() if line.startswith("o ")] == ["o shell", "o lumen"]
    joined = trimesh.load_mesh(quietly(write_meshes_job(tmp_path / "both.ply", meshes)))
    assert len(joined.faces) == sum(len(mesh.faces) for mesh in meshes)
    assert {tuple(row) for row in joined.visual.vertex_colors.tolist()} == {(204, 102, 0, 153), (0, 102, 204, 255)}


def test_an_ending_that_is_no_mesh_is_refused(tmp_path, meshes):
    with pytest.raises(SettingError, match=r"\.stl, \.ply, \.obj, \.glb"):
        quietly(write_meshes_job(tmp_path / "shell.mrc", meshes))


def test_a_mesh_is_not_written_over_what_was_read(tmp_path, meshes):
    source = tmp_path / "atlas.stl"
    source.write_bytes(b"precious")
    with pytest.raises(OutputError, match="read from"):
        quietly(write_meshes_job(source, meshes, [source]))
    assert source.read_bytes() == b"precious"


def test_a_surface_without_colour_can_be_written(tmp_path, meshes):
    plain = SurfaceMesh(meshes[0].vertices, meshes[0].faces)
    for suffix in (".stl", ".ply", ".obj", ".glb"):
        assert quietly(write_meshes_job(tmp_path / f"plain{suffix}", [plain])).stat().st_size > 1000
