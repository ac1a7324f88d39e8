"""The main job on a tiny phantom, end to end and through what can go wrong."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from napari_hypseg import pipeline
from napari_hypseg.errors import HypsegError, InputError, ProjectError, SettingError
from napari_hypseg.hierarchy.context.context_vocabulary import SHARED_WORDS
from napari_hypseg.jobs import Command, Notice, Progress, drive, quietly
from napari_hypseg.pipeline import Preview, SliceView
from napari_hypseg.pipeline import trained_encoders as encoders_module
from napari_hypseg.pipeline.preview import MOST_TILES, _tiles
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.training import loop
from napari_hypseg.training.checkpoint import GreyStatistics, load_checkpoint, save_checkpoint
from napari_hypseg.volumes import Box, Specimen, Volume
from napari_hypseg.volumes.intensity import measure_intensity
from napari_hypseg.volumes.phantom import phantom

SMALL = {"width": 4, "latent_dim": 3}


def settings(steps=3, leaves=12, **training):
    return RunSettings.check(
        {"model": SMALL, "training": {"steps": steps, "crop": 16, **training}, "leaves": {"leaves": leaves}}
    )


@pytest.fixture(scope="module")
def volume():
    return phantom(seed=1).volume


@pytest.fixture
def project(tmp_path, volume):
    return Project.create(tmp_path / "cell.hypseg", [Specimen(volume)], settings())


def run(project, **kwargs):
    events = []
    drive(pipeline.run(project, **kwargs), events.append)
    project.reload()
    return events


def test_a_run_leaves_a_project_that_opens_as_it_was_left(project):
    events = run(project)
    assert {event.stage for event in events if isinstance(event, Progress)} >= {"learn", "cluster", "encode", "tree"}
    project.set_regions(5)
    project.keep_level("five")
    again = Project.open(project.path)
    assert again.damage == ()
    assert again.segmentation.record["curvature"] == 1
    assert again.n_regions == 5
    assert again.level("five").nodes == project.cut(5).nodes
    leaves = np.asarray(again.leaves[0][:])
    assert leaves.min() == 1
    assert leaves.max() == again.hierarchy.n_leaves == 12
    np.testing.assert_array_equal(np.bincount(leaves.ravel())[1:], again.hierarchy.sizes[:12])
    labels = again.label_image()
    assert set(np.unique(labels.data[:])) == {1, 2, 3, 4, 5} == set(labels.names)
    assert (labels.voxel_size, labels.unit) == ((10.0, 10.0, 10.0), "angstrom")


def test_same_seed_same_leaves(tmp_path, volume):
    leaves = []
    for name in "ab":
        project = Project.create(tmp_path / name, [Specimen(volume)], settings(steps=2))
        run(project)
        leaves.append(np.asarray(project.leaves[0][:]))
    np.testing.assert_array_equal(*leaves)


def test_mask_and_box_restrict_the_leaves(tmp_path, volume):
    mask = np.zeros(volume.shape, dtype=np.uint8)
    mask[:, 10:40] = 1
    specimen = Specimen(volume, Volume((mask,)), Box((5, 0, 0), (30, 50, 50)))
    project = Project.create(tmp_path / "masked", [specimen], settings())
    run(project)
    found = np.asarray(project.leaves[0][:]) > 0
    np.testing.assert_array_equal(found, specimen.inside(volume.box))


def test_several_specimens_share_one_tree(tmp_path, volume):
    other = replace(phantom(seed=2, shape=(64, 50, 56)).volume, name="other")
    project = Project.create(tmp_path / "two", [Specimen(volume), Specimen(other)], settings(leaves=24))
    run(project)
    assert [array.shape for array in project.leaves] == [(50, 50, 50), (64, 50, 56)]
    assert project.hierarchy.sizes[-1] == 50**3 + 64 * 50 * 56
    assert len(np.unique(project.segmentation.features.words)) == SHARED_WORDS < project.hierarchy.n_leaves
    assert project.label_image(specimen=1).data.shape == (64, 50, 56)
    with pytest.raises(InputError, match="no specimen 2"):
        project.label_image(specimen=2)


def test_stop_keeps_what_was_learned(project):
    project.configure(settings(steps=10_000))
    drive(pipeline.learn(project), lambda event: Command.STOP if getattr(event, "step", 0) >= 2 else None)
    project.reload()
    assert 2 <= project.training["step"] < 10
    assert project.has_checkpoint


def test_cancel_keeps_the_checkpoint(project):
    project.configure(settings(steps=10_000))
    job = pipeline.learn(project)
    for event in job:
        if isinstance(event, Progress) and event.stage == "learn" and event.step >= 2:
            break
    job.close()
    assert Project.open(project.path).has_checkpoint


def test_learning_goes_on_from_a_checkpoint(project):
    quietly(pipeline.learn(project))
    quietly(pipeline.learn(project, fresh=False))
    project.configure(project.settings.model_copy(update={"model": {**SMALL, "latent_dim": 4}}))
    with pytest.raises(SettingError, match="other model settings"):
        quietly(pipeline.learn(project, fresh=False))


def test_a_corrected_voxel_size_does_not_end_learning_on(project):
    quietly(pipeline.learn(project))
    project.correct_voxel_size(0, (1.31, 1.31, 1.31), "nanometer")
    quietly(pipeline.learn(project, fresh=False))
    project.correct_voxel_size(0, (4.0, 1.0, 1.0), "nanometer")
    with pytest.raises(SettingError, match="other model settings"):
        quietly(pipeline.learn(project, fresh=False))


def test_cancelling_before_the_first_step_keeps_what_was_learned_before(project):
    quietly(pipeline.learn(project))
    before = project.store.checkpoint_file.read_bytes(), project.store.training_file.read_text()
    job = pipeline.learn(project)
    for event in job:
        if getattr(event, "stage", "") == "learn":
            break
    job.close()
    assert (project.store.checkpoint_file.read_bytes(), project.store.training_file.read_text()) == before


def test_a_checkpoint_of_another_network_is_named(project):
    quietly(pipeline.learn(project))
    checkpoint = load_checkpoint(project.store.checkpoint_file)
    weights = dict(list(checkpoint.weights.items())[1:])
    save_checkpoint(project.store.checkpoint_file, replace(checkpoint, weights=weights))
    for job in (pipeline.learn(project, fresh=False), pipeline.segment(project)):
        with pytest.raises(ProjectError, match="another network"):
            quietly(job)


def test_specimens_with_other_voxels_are_mentioned(tmp_path, volume):
    flat = replace(volume, name="flat", voxel_size=(30.0, 10.0, 10.0))
    larger = replace(volume, name="larger", voxel_size=(20.0, 20.0, 20.0))
    project = Project.create(tmp_path / "p", [Specimen(v) for v in (volume, flat, larger)], settings(steps=1))
    events = []
    drive(pipeline.learn(project), events.append)
    notices = [event.message for event in events if isinstance(event, Notice)]
    assert ["flat" in notice for notice in notices if "not shaped like" in notice] == [True]


def test_preview_shows_the_slice_in_view(project, monkeypatch):
    monkeypatch.setattr("napari_hypseg.pipeline.preview.EVERY", 0.0)
    events = run(project, view=lambda: SliceView(0, 1, 20))
    previews = [event for event in events if isinstance(event, Preview)]
    assert previews
    assert previews[-1].labels.shape == (50, 50)
    assert 1 < previews[-1].labels.max() <= 8


@pytest.mark.parametrize("index", [2, 40])
def test_preview_of_a_slice_outside_the_box_is_empty(tmp_path, volume, monkeypatch, index):
    monkeypatch.setattr("napari_hypseg.pipeline.preview.EVERY", 0.0)
    project = Project.create(tmp_path / "p", [Specimen(volume, box=Box((10, 5, 0), (30, 50, 50)))], settings())
    previews = [event for event in run(project, view=lambda: SliceView(0, 0, index)) if isinstance(event, Preview)]
    assert previews[-1].labels.shape == (50, 50)
    assert not previews[-1].labels.any()


def test_preview_without_memory_is_left_out(project, monkeypatch):
    monkeypatch.setattr("napari_hypseg.pipeline.preview.EVERY", 0.0)

    def hungry(self, index, tile):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("napari_hypseg.pipeline.preview.Previewer._encode", hungry)
    events = run(project, view=lambda: SliceView(0, 0, 20))
    assert project.hierarchy is not None
    assert not any(isinstance(event, Preview) for event in events)


def test_preview_of_a_vast_slice_shows_its_middle():
    plane = Box((7, 0, 0), (8, 4000, 4000))
    tiles = _tiles(plane, 0)
    assert len(tiles) == MOST_TILES
    assert all(1500 < tile.start[axis] < 2500 for tile in tiles for axis in (1, 2))


def test_nan_loss_is_rolled_back_and_reported(project, monkeypatch):
    forward = loop._Trainer._forward
    calls = iter(range(1000))

    def poisoned(self):
        output = forward(self)
        return replace(output, total=output.total * float("nan")) if next(calls) == 1 else output

    monkeypatch.setattr(loop._Trainer, "_forward", poisoned)
    notices = [event.message for event in run(project) if isinstance(event, Notice)]
    assert any("became unstable" in notice for notice in notices)
    assert project.hierarchy is not None
    assert any("became unstable" in notice for notice in project.training["notices"])


def test_hopeless_learning_ends_with_a_sentence(project, monkeypatch):
    monkeypatch.setattr(loop.DivergenceDetector, "has_diverged", lambda self, loss: True)
    project.configure(settings(steps=100))
    with pytest.raises(HypsegError, match="lower the learning rate"):
        quietly(pipeline.learn(project))
    assert Project.open(project.path).has_checkpoint


def test_hopeless_learning_keeps_the_last_good_weights(project, monkeypatch):
    project.configure(settings(steps=100))
    kept = []
    monkeypatch.setattr(loop.DivergenceDetector, "has_diverged", lambda self, loss: False)
    states = loop._Trainer.state
    monkeypatch.setattr(loop._Trainer, "state", lambda self: kept.append(states(self)) or kept[-1])
    update = loop._Trainer._update

    def spoil(self, losses):
        with torch.no_grad():
            next(self.model.parameters()).add_(1)
        self.rollbacks = loop.MAX_ROLLBACKS
        monkeypatch.setattr(loop.DivergenceDetector, "has_diverged", lambda self, loss: True)
        return update(self, losses)

    monkeypatch.setattr(loop._Trainer, "_update", spoil)
    with pytest.raises(HypsegError, match="last good checkpoint"):
        quietly(pipeline.learn(project))
    weights = load_checkpoint(project.store.checkpoint_file).weights
    assert all(torch.equal(weights[name], tensor) for name, tensor in kept[0].weights.items())


def test_a_stop_sent_at_a_notice_is_heard(project, monkeypatch):
    project.configure(settings(steps=10_000))
    monkeypatch.setattr(loop.DivergenceDetector, "has_diverged", lambda self, loss: True)
    drive(pipeline.learn(project), lambda event: Command.STOP if isinstance(event, Notice) else None)
    project.reload()
    assert project.training["step"] == 1


def test_out_of_memory_takes_smaller_crops_and_says_so(project, monkeypatch):
    project.configure(settings(batch=4, crop=32))
    forward = loop._Trainer._forward

    def hungry(self):
        if self.stacked * self.sampler.edge**3 > 16**3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(self)

    monkeypatch.setattr(loop._Trainer, "_forward", hungry)
    notices = [event.message for event in run(project) if isinstance(event, Notice)]
    assert [("1 crops" in n, "16 voxels" in n) for n in notices if "ran out" in n] == [(True, False), (False, True)]


def test_voxels_that_are_no_numbers_are_outside(tmp_path, volume, monkeypatch):
    monkeypatch.setattr("napari_hypseg.pipeline.preview.EVERY", 0.0)
    values = np.array(volume.channels[0])
    values[:20], values[30, 30, 30] = np.nan, np.inf
    project = Project.create(tmp_path / "nan", [Specimen(Volume((values,), name="holes"))], settings())
    events = run(project, view=lambda: SliceView(0, 1, 30))
    np.testing.assert_array_equal(np.asarray(project.leaves[0][:]) > 0, np.isfinite(values))
    np.testing.assert_array_equal(
        next(event for event in events if isinstance(event, Preview)).labels > 0, np.isfinite(values[:, 30])
    )
    assert project.hierarchy.sizes[-1] == np.isfinite(values).sum()


def test_a_voxel_counts_if_one_channel_has_a_number(tmp_path, volume):
    first, second = np.array(volume.channels[0]), np.array(volume.channels[0])
    first[:10], second[5:15] = np.nan, np.nan
    project = Project.create(tmp_path / "two", [Specimen(Volume((first, second)))], settings())
    run(project)
    outside = np.asarray(project.leaves[0][:]) == 0
    assert outside[5:10].all()
    assert outside.sum() == outside[5:10].size


def test_every_voxel_of_a_sparse_mask_has_a_leaf(tmp_path, volume):
    mask = np.zeros(volume.shape, dtype=np.uint8)
    mask[:5, :20, :20] = 1
    mask[::49, ::49, ::49] = 1
    specimen = Specimen(volume, Volume((mask,)))
    project = Project.create(tmp_path / "all", [specimen], settings(leaves=2000))
    notices = [event.message for event in run(project) if isinstance(event, Notice)]
    np.testing.assert_array_equal(np.asarray(project.leaves[0][:]) > 0, mask > 0)
    found = project.hierarchy.n_leaves
    assert 16 < found < 2000, "the corners and what is in the piece"
    assert (project.hierarchy.sizes[:found] > 0).all()
    assert any(f"There are {found} leaves, not 2000" in notice for notice in notices)


def test_volume_smaller_than_a_crop_is_learned_from_and_mentioned(tmp_path, volume):
    tiny = Volume((np.asarray(volume.channels[0])[:5, :12, :14],), name="tiny")
    project = Project.create(tmp_path / "tiny", [Specimen(tiny)], settings())
    notices = [event.message for event in run(project) if isinstance(event, Notice)]
    assert any("tiny is smaller than one crop (5×12×14" in notice for notice in notices)
    assert project.leaves[0].shape == (5, 12, 14)


@pytest.mark.parametrize(("shape", "leaves"), [((5, 6, 7), 1000), ((1, 1, 2), 2), ((2, 2, 3), 12)])
def test_tiny_volumes_have_few_leaves(tmp_path, volume, shape, leaves):
    z, y, x = shape
    tiny = Volume((np.asarray(volume.channels[0])[:z, :y, :x],))
    project = Project.create(tmp_path / "tiny", [Specimen(tiny)], settings(leaves=leaves))
    run(project)
    found = project.hierarchy.n_leaves
    assert found <= leaves
    assert set(np.unique(np.asarray(project.leaves[0][:]))) == set(range(1, found + 1))
    assert project.label_image().maximum >= 1


def test_a_constant_volume_is_refused(tmp_path):
    flat = Volume((np.ones((20, 20, 20), dtype=np.float32),), name="flat")
    project = Project.create(tmp_path / "flat", [Specimen(flat)], settings())
    with pytest.raises(InputError, match="flat"):
        quietly(pipeline.learn(project))


def test_segmenting_before_learning_is_refused(project):
    with pytest.raises(ProjectError, match="train it first"):
        quietly(pipeline.segment(project))


def test_training_is_recorded(project):
    quietly(pipeline.learn(project))
    record = json.loads(project.store.training_file.read_text())
    assert record["device"] == "cpu"
    assert record["settings"]["training"]["seed"] == 0
    assert record["recipe"]["settings"]["latent_dim"] == 3
    assert len(record["history"]) >= 3
    assert set(record["history"][0]) == {"position", "loss", "reconstruction", "appearance", "kl", "triplet"}


def test_grey_values_are_measured_once_and_kept_in_the_checkpoint(project, monkeypatch):
    quietly(pipeline.learn(project))
    checkpoint = load_checkpoint(project.store.checkpoint_file)
    measured = measure_intensity(project.specimens[0])
    assert checkpoint.statistics == (GreyStatistics(tuple(measured.mean.tolist()), tuple(measured.std.tolist())),)
    with monkeypatch.context() as context:
        context.setattr(encoders_module, "measure_intensity", None)
        kept = encoders_module.trained_encoders(project)[0].intensity
    np.testing.assert_array_equal(np.stack([kept.mean, kept.std]), np.stack([measured.mean, measured.std]))


def test_a_checkpoint_without_grey_values_has_them_measured(project):
    quietly(pipeline.learn(project))
    expected = encoders_module.trained_encoders(project)[0].intensity
    path = project.store.checkpoint_file
    save_checkpoint(path, replace(load_checkpoint(path), statistics=()))
    found = encoders_module.trained_encoders(project)[0].intensity
    np.testing.assert_array_equal(np.stack([found.mean, found.std]), np.stack([expected.mean, expected.std]))


@pytest.mark.parametrize(("mean", "std"), [((1.0, 1.0), (1.0, 1.0)), ((float("nan"),), (1.0,)), ((1.0,), (0.0,))])
def test_statistics_of_no_volume_are_refused(project, mean, std):
    quietly(pipeline.learn(project))
    path = project.store.checkpoint_file
    save_checkpoint(path, replace(load_checkpoint(path), statistics=(GreyStatistics(mean, std),)))
    with pytest.raises(ProjectError):
        load_checkpoint(path)
