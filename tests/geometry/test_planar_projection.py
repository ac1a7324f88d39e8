import numpy as np
import pytest

from napari_hypseg.geometry.picture_plane import PicturePlane
from napari_hypseg.geometry.planar_projection import distortion, place_others, project_to_plane
from napari_hypseg.geometry.space_form import SpaceForm

CURVATURES = {"hyperbolic": 1.5, "flat": 0.0, "spherical": -1.0}


def cloud(curvature, dim, n=150, seed=0):
    """Points in clusters, in the coordinates of the package's manifolds."""
    rng = np.random.default_rng(seed)
    vectors = 0.5 * rng.normal(size=(6, dim))[rng.integers(0, 6, n)] + 0.15 * rng.normal(size=(n, dim))
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    if curvature > 0:
        return np.tanh(length) * vectors / length / np.sqrt(curvature)
    if curvature < 0:
        return np.concatenate([np.cos(length), np.sin(length) * vectors / length], axis=1)
    return vectors


@pytest.mark.parametrize("curvature", CURVATURES.values(), ids=CURVATURES)
def test_two_latent_dimensions_are_drawn_as_they_are(curvature):
    points = cloud(curvature, 2)
    found = project_to_plane(points, curvature)
    assert found.exact
    assert (found.error, found.correlation) == (0, 1)
    space = SpaceForm.of_curvature(curvature)
    lifted = space.lift(points, curvature)
    np.testing.assert_allclose(space.dist(found.points[:75], found.points[75:]), space.dist(lifted[:75], lifted[75:]),
                               rtol=1e-6)  # fmt: skip


@pytest.mark.parametrize("curvature", CURVATURES.values(), ids=CURVATURES)
def test_more_dimensions_are_projected_with_less_distortion_than_by_principal_components(curvature):
    from napari_hypseg.geometry.planar_projection import _start

    points = cloud(curvature, 6)
    found = project_to_plane(points, curvature)
    assert found.points.shape == (150, 3)
    assert not found.exact
    space = found.space
    latent = space.lift(points, curvature)
    start = _start(space, latent, np.ones(150))
    before, ranks = distortion(space, latent, start, np.random.default_rng(1))
    assert found.error < 0.75 * before
    assert found.correlation > ranks - 0.01
    again = project_to_plane(points, curvature)
    np.testing.assert_array_equal(found.points, again.points)


@pytest.mark.parametrize("dim", [2, 5])
def test_the_projection_stays_inside_the_disk_with_its_mean_in_the_middle(dim):
    points = cloud(1.0, dim)
    weights = np.arange(1, 151)
    found = project_to_plane(points, 1.0, weights)
    places = PicturePlane.of(found.space, found.points).places(found.points)
    assert (np.abs(places) < 1).all()
    mean = found.space.centroid(found.points, weights / weights.sum())
    np.testing.assert_allclose(mean, [1, 0, 0], atol=1e-6)


@pytest.mark.parametrize("curvature", CURVATURES.values(), ids=CURVATURES)
@pytest.mark.parametrize("dim", [2, 6])
def test_other_points_are_placed_among_those_that_stand(curvature, dim):
    points, weights = cloud(curvature, dim, 200), np.arange(1, 151)
    known, others = points[:150], points[150:]
    found = project_to_plane(known, curvature, weights)
    placed = place_others(found, known, others, curvature, weights)
    assert placed.shape == (50, 3)
    space = found.space
    wanted = space.dist(space.lift(others, curvature)[:, None], space.lift(known, curvature))
    error = np.abs(space.dist(placed[:, None], found.points) - wanted) / wanted
    assert error.mean() < 1e-6 if found.exact else error.mean() < 1.5 * found.error
    same = place_others(found, known, known[:5], curvature, weights)
    assert space.dist(same, found.points[:5]).max() < 0.2 * wanted.mean()


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_few_leaves_can_be_drawn(n):
    points = cloud(1.0, 5, n)
    found = project_to_plane(points, 1.0)
    assert np.isfinite(found.points).all()
    assert np.isfinite(place_others(found, points, cloud(1.0, 5, 4, seed=1), 1.0)).all()


@pytest.mark.parametrize("curvature", CURVATURES.values(), ids=CURVATURES)
def test_a_drag_is_an_isometry_that_takes_what_was_held_along(curvature):
    found = project_to_plane(cloud(curvature, 2), curvature)
    space = found.space
    plane = PicturePlane.of(space, found.points)
    before = plane.places(found.points)
    moved = plane.dragged(before[3], 0.2 - 0.3j).dragged(0.2 - 0.3j, -0.1 + 0.5j)
    after = moved.places(found.points)
    assert after[3] == pytest.approx(-0.1 + 0.5j, abs=1e-9)
    seen = np.stack([moved.point_at(place) for place in after if abs(place) < 0.96])
    kept = found.points[np.abs(after) < 0.96]
    np.testing.assert_allclose(space.dist(seen[:-1], seen[1:]), space.dist(kept[:-1], kept[1:]), rtol=1e-6)


def test_a_drag_of_the_poincare_disk_from_the_middle_is_a_mobius_translation():
    found = project_to_plane(cloud(1.0, 2), 1.0)
    plane = PicturePlane.of(found.space, found.points)
    z, a = plane.places(found.points), 0.3 + 0.4j
    np.testing.assert_allclose(plane.dragged(0, a).places(found.points), (z + a) / (1 + np.conj(a) * z), atol=1e-9)


def test_a_spherical_map_keeps_areas():
    plane = PicturePlane(SpaceForm(1), np.eye(3))
    angles = np.linspace(0, 3, 50)
    radii = np.abs(plane.places(np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)))
    np.testing.assert_allclose(np.pi * radii**2 * 4, 2 * np.pi * (1 - np.cos(angles)), atol=1e-9)
