import numpy as np
import pytest
import torch

from napari_hypseg.errors import InputError, ProjectError, SettingError
from napari_hypseg.geometry.manifolds.euclidean import Euclidean
from napari_hypseg.geometry.manifolds.poincare import PoincareBall
from napari_hypseg.hierarchy.cuts import cut_at
from napari_hypseg.inference.particle_poses import ParticlePoses, infer_poses
from napari_hypseg.jobs import drive, quietly
from napari_hypseg.methods.spatial_vae import SpatialVAESettings
from napari_hypseg.particles.classes.class_averages import class_averages
from napari_hypseg.particles.classes.conformations import conformations
from napari_hypseg.particles.classes.gallery_order import ORDERS, ParticleRanks
from napari_hypseg.particles.classes.particle_model import learn_particles, load_particle_model
from napari_hypseg.particles.classes.particle_tree import particle_tree
from napari_hypseg.particles.classes.projections import BoxProjections
from napari_hypseg.particles.classes.standardised_images import StandardisedImages
from napari_hypseg.training.settings import TrainingSettings

RANDOM = np.random.default_rng(0)
BOXES = RANDOM.normal(size=(4, 6, 8, 8)).astype(np.float32)
TINY = {"width": 8, "decoded_pixels": 20, "compared_pixels": 10, "starts": 2, "frozen_epochs": 0, "warm_epochs": 0}
TRAINING = TrainingSettings(steps=3, batch=4, device="cpu")


@pytest.mark.parametrize(("axis", "slab", "kept"), [(0, None, slice(6)), (0, 1, slice(3, 4)), (0, 2, slice(2, 4))])
def test_projections_are_means_of_the_sections_in_the_middle(axis, slab, kept):
    mean = BOXES[:, kept].mean(axis=1)
    made = BoxProjections(BOXES, axis, slab)
    assert made.shape == (4, 8, 8)
    np.testing.assert_allclose(made[1:3], mean[1:3], atol=1e-5)
    np.testing.assert_allclose(made[2], mean[2], atol=1e-5)


def test_projections_along_the_other_axes():
    assert BoxProjections(BOXES, 2).shape == (4, 6, 8)
    np.testing.assert_allclose(BoxProjections(BOXES, 2)[3], BOXES[3].mean(axis=2), atol=1e-5)


@pytest.mark.parametrize("shape", [(5, 6, 6), (5, 4, 4, 4)])
def test_each_particle_is_standardised_by_itself(shape):
    images = RANDOM.normal(3, 2, shape) * np.arange(5).reshape(-1, *(1,) * (len(shape) - 1))
    made = StandardisedImages(images)
    axes = tuple(range(1, len(shape)))
    np.testing.assert_allclose(made[:].mean(axes), 0, atol=1e-5)
    np.testing.assert_allclose(made[:].std(axes), [0, 1, 1, 1, 1], atol=1e-5)
    np.testing.assert_allclose(made[3], made[2:4][1], atol=1e-6)


def test_what_is_no_number_counts_as_the_mean():
    images = np.array([[[1.0, 3.0], [np.nan, np.inf]], [[np.nan] * 2] * 2])
    made = StandardisedImages(images)[:]
    assert made[0, 1].tolist() == [0, 0]
    assert made[0, 0, 1] == -made[0, 0, 0] > 0
    assert not made[1].any()


@pytest.mark.parametrize(("axis", "slab"), [(3, None), (0, 7), (1, 0)])
def test_what_cannot_be_projected_is_said(axis, slab):
    with pytest.raises(SettingError, match="choose"):
        BoxProjections(BOXES, axis, slab)


@pytest.mark.parametrize("manifold", [Euclidean(), PoincareBall(1.0)], ids=["flat", "ball"])
@pytest.mark.parametrize("limit", [1000, 12])
def test_kinds_of_particles_are_classes_of_the_tree(monkeypatch, manifold, limit):
    monkeypatch.setattr("napari_hypseg.particles.classes.particle_tree.MAX_LEAVES", limit)
    kinds = RANDOM.integers(3, size=90)
    corners = np.array([[0.5, 0.0], [-0.4, 0.4], [-0.3, -0.5]])
    points = (corners[kinds] + RANDOM.normal(0, 0.02, (90, 2))).astype(np.float32)
    tree = quietly(particle_tree(points, manifold))
    classes = tree.classes(cut_at(tree.hierarchy, 3))
    assert len(set(zip(kinds, classes, strict=True))) == 3
    assert tree.hierarchy.sizes[tree.hierarchy.root] == 90
    order = tree.order()
    assert sorted(order) == list(range(90))
    assert (np.diff(kinds[order]) != 0).sum() == 2


def test_particles_that_are_the_same_are_one_class():
    tree = quietly(particle_tree(np.zeros((5, 2), np.float32), Euclidean()))
    assert set(tree.classes(cut_at(tree.hierarchy, 1))) == {1}


def _upright(n, angle_of=lambda number: 0.0):
    angles = np.array([angle_of(number) for number in range(n)])
    rotations = np.stack([[[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]] for a in angles]).astype(np.float32)
    return ParticlePoses(np.zeros((n, 2)), rotations, np.zeros((n, 2), np.float32), *np.zeros((2, n)))


def test_averages_are_taken_after_alignment():
    upright = np.zeros((9, 9), np.float32)
    upright[4, 1:5] = 1
    images = np.stack([np.rot90(upright, -number) for number in range(4)] + [upright + 5])
    poses = _upright(5, lambda number: number % 4 * np.pi / 2)
    events = []
    made = drive(class_averages(images, poses, np.array([7, 7, 7, 3, 0])), events.append)
    assert made.classes.tolist() == [3, 7]
    assert made.counts.tolist() == [1, 3]
    np.testing.assert_allclose(made.averages, [upright, upright], atol=1e-5)
    assert made.deviations.max() < 1e-2
    assert events[-1].fraction == 1


def test_deviations_are_those_of_the_particles(monkeypatch):
    monkeypatch.setattr("napari_hypseg.particles.classes.averaging.BATCH_VALUES", 1)
    images = RANDOM.normal(size=(20, 5, 5)).astype(np.float32)
    made = quietly(class_averages(images, _upright(20), np.ones(20, np.int64)))
    np.testing.assert_allclose(made.averages[0], images.mean(0), atol=1e-5)
    np.testing.assert_allclose(made.deviations[0], images.std(0), atol=1e-5)


@pytest.mark.parametrize(("classes", "message"), [(np.zeros(3, int), "nothing to average"), (np.ones(2, int), "sort")])
def test_what_cannot_be_averaged_is_said(classes, message):
    with pytest.raises(InputError, match=message):
        quietly(class_averages(np.zeros((3, 4, 4)), _upright(3), classes))


def test_orders_of_a_gallery():
    ranks = ParticleRanks(
        content=np.array([4, 2, 0, 1, 3]),
        classes=np.array([2, 1, 2, 0, 2]),
        doubt=np.array([0.1, 0.5, 0.0, 0.9, 0.5], np.float32),
        elbo=np.array([3.0, -1, 2, 0, 1], np.float32),
    )
    found = {name: order(ranks).tolist() for name, order in ORDERS.items()}
    assert found == {
        "content": [4, 2, 0, 1, 3],
        "class": [4, 2, 0, 1, 3],
        "doubt": [3, 1, 4, 0, 2],
        "fit": [1, 3, 4, 2, 0],
    }


@pytest.mark.parametrize("latent", ["euclidean", "hyperspherical", "hyperbolic"])
def test_what_was_learned_is_kept_and_comes_back(tmp_path, latent):
    images = RANDOM.normal(size=(10, 9, 9)).astype(np.float32)
    path = tmp_path / "particles.safetensors"
    settings = SpatialVAESettings(latent=latent, **TINY)
    model = quietly(learn_particles(images, settings, TRAINING, path))
    again = load_particle_model(path)
    first, second = (quietly(infer_poses(one, images, torch.device("cpu"))) for one in (model, again))
    np.testing.assert_array_equal(first.points, second.points)
    np.testing.assert_array_equal(first.rotations, second.rotations)
    movie = conformations(again, first.points, frames=5)
    assert movie.shape == (5, 9, 9)
    assert np.abs(np.diff(movie, axis=0)).max() > 0


def test_a_checkpoint_of_volumes_is_refused(tmp_path):
    from napari_hypseg.training.checkpoint import Checkpoint, ModelRecipe, save_checkpoint

    path = tmp_path / "model.safetensors"
    save_checkpoint(path, Checkpoint(ModelRecipe("hyperbolic", {}, 1, (1.0, 1.0, 1.0)), {"w": torch.zeros(1)}))
    with pytest.raises(ProjectError, match="not of particles"):
        load_particle_model(path)


def test_too_few_particles_are_refused():
    with pytest.raises(InputError, match="3 particles are too few"):
        quietly(learn_particles(np.zeros((3, 9, 9)), SpatialVAESettings(**TINY), TRAINING))
