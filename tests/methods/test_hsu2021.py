"""The published method in the product: registered, with the published settings of learning, saved and restored."""

import numpy as np
import pytest
import torch

from napari_hypseg import pipeline
from napari_hypseg.errors import SettingError
from napari_hypseg.inference.encoder import Encoder
from napari_hypseg.jobs import Progress, drive
from napari_hypseg.methods.registry import get_method
from napari_hypseg.nn.patch_vae import PatchVAE
from napari_hypseg.pipeline import Preview, SliceView
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.training.checkpoint import Checkpoint, ModelRecipe, load_checkpoint, load_weights, save_checkpoint
from napari_hypseg.training.settings import TrainingSettings
from napari_hypseg.volumes import Box, Specimen, Volume
from napari_hypseg.volumes.intensity import measure_intensity
from napari_hypseg.volumes.phantom import phantom

METHOD = get_method("hsu2021")
QUICK = {"steps": 1, "batch": 2, "crop": 16, "device": "cpu"}


def build():
    return METHOD.build(METHOD.settings(), 1, (1.0, 1.0, 1.0)).eval()


def test_the_method_brings_its_settings_of_learning():
    training = RunSettings.check({"method": "hsu2021"}).training
    assert (training.batch, training.learning_rate, training.crop) == (128, 5e-7, 48)
    assert training.minutes == TrainingSettings().minutes
    assert RunSettings.check({}).training == TrainingSettings()
    assert RunSettings.check({"method": "no longer there"}).training == TrainingSettings()


@pytest.mark.parametrize("given", [{"batch": 2, "steps": 7}, TrainingSettings(batch=2, steps=7)])
def test_what_the_person_set_is_kept(given):
    training = RunSettings(method="hsu2021", training=given).training
    assert (training.batch, training.steps, training.crop) == (2, 7, 48)


def test_saved_settings_come_back_unchanged():
    saved = RunSettings.check({"method": "hsu2021", "training": {"crop": TrainingSettings().crop}})
    assert RunSettings.check(saved.model_dump(mode="json")) == saved


@pytest.mark.parametrize("training", [5, {"batch": "many"}])
def test_training_that_is_none_is_named(training):
    with pytest.raises(SettingError, match="training"):
        RunSettings.check({"method": "hsu2021", "training": training})


def test_save_and_restore(tmp_path):
    torch.manual_seed(0)
    model = build()
    recipe = ModelRecipe("hsu2021", METHOD.settings().model_dump(mode="json"), 1, (1.0, 1.0, 1.0))
    save_checkpoint(tmp_path / "model.safetensors", Checkpoint(recipe, model.state_dict()))
    again = build()
    load_weights(again, load_checkpoint(tmp_path / "model.safetensors"))
    x = torch.randn(1, 1, 6, 6, 6)
    assert torch.equal(again.embed(x), model.embed(x))


def test_blocks_are_small_enough_to_say_often_how_far_it_is():
    specimen = Specimen(phantom((20, 18, 16)).volume)
    encoder = Encoder(build(), specimen, measure_intensity(specimen), torch.device("cpu"))
    assert max(encoder.edge) <= 4
    assert sum(block.core.size for block in encoder.blocks()) == 20 * 18 * 16


def test_blocks_join_to_the_whole():
    specimen = Specimen(Volume((np.random.default_rng(0).normal(size=(6, 9, 5)).astype(np.float32),)))
    encoder = Encoder(build(), specimen, measure_intensity(specimen), torch.device("cpu"))
    whole = Box.whole((6, 9, 5))
    blocks = [block for block in encoder.blocks() if block.core.shape == (3, 3, 3)]
    assert len(blocks) == 6
    ((part, _),) = encoder.encode(blocks[-1:])
    padded = np.pad(specimen.volume.read(whole)[0], 2, mode="reflect")
    x = torch.from_numpy(encoder.intensity.standardise(padded[None]))[None]
    with torch.inference_mode():
        full = encoder.model.embed(x)[0]
    torch.testing.assert_close(part, full[blocks[-1].core.slices], atol=1e-5, rtol=1e-3)


def test_a_run_with_a_preview(tmp_path, monkeypatch):
    monkeypatch.setattr("napari_hypseg.pipeline.preview.EVERY", 0.0)
    rates, optimiser = [], PatchVAE.optimiser
    monkeypatch.setattr(PatchVAE, "optimiser", lambda model, rate: rates.append(rate) or optimiser(model, rate))
    specimen = Specimen(phantom((20, 20, 20)).volume, box=Box((4, 4, 4), (10, 14, 12)))
    settings = RunSettings.check({"method": "hsu2021", "training": QUICK, "leaves": {"leaves": 8}})
    project = Project.create(tmp_path / "small", [specimen], settings)
    events = []
    drive(pipeline.run(project, view=lambda: SliceView(0, 0, 6)), events.append)
    project.reload()
    assert rates == [5e-7]
    assert project.hierarchy.n_leaves == 8
    assert (np.asarray(project.leaves[0][4:10, 4:14, 4:12]) > 0).all()
    assert sum(isinstance(event, Progress) and event.stage == "preview" for event in events) >= 2
    assert any(isinstance(event, Preview) and event.labels.any() for event in events)
