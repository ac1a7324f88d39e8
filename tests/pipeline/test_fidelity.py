"""A picture that the model cannot draw yet says so, by a look at the volume itself."""

import re

import numpy as np
import pytest

from napari_hypseg import pipeline
from napari_hypseg.inference.encoder import Encoder
from napari_hypseg.jobs import quietly
from napari_hypseg.pipeline.decode import components, denoise
from napari_hypseg.pipeline.fidelity import drawing_fidelity
from napari_hypseg.pipeline.reconstruct import reconstruct
from napari_hypseg.pipeline.trained_encoders import trained_encoders
from napari_hypseg.project.latent_views import DENOISED, stored_view
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Specimen, Volume
from napari_hypseg.volumes.phantom import phantom

SETTINGS = RunSettings.check(
    {
        "model": {"width": 16, "latent_dim": 3},
        "training": {"steps": 40, "crop": 16},
        "leaves": {"leaves": 12},
    }
)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project that has learned to draw its volume, whose grey values lie far from 0."""
    grey = 1000 + 100 * np.asarray(phantom((24, 26, 28), seed=1).volume.channels[0])
    made = Project.create(
        tmp_path_factory.mktemp("fidelity") / "cell.hypseg", [Specimen(Volume((grey,), name="cell"))], SETTINGS
    )
    quietly(pipeline.run(made))
    made.reload()
    return made


@pytest.fixture(autouse=True)
def anew(project):
    """Nothing is drawn yet."""
    project.store.forget_latent_views("none")


@pytest.fixture
def inverted(monkeypatch):
    """A model that draws light where it is dark."""
    decode = Encoder.decode
    monkeypatch.setattr(Encoder, "decode", lambda self, around: 2000 - decode(self, around))


@pytest.fixture
def blank(monkeypatch):
    """A model that draws the same everywhere."""
    decode = Encoder.decode
    monkeypatch.setattr(Encoder, "decode", lambda self, around: np.full_like(decode(self, around), 1000))


def test_what_was_learned_agrees_with_the_volume(project):
    assert quietly(drawing_fidelity(trained_encoders(project)[0])) > 0.5


def test_a_negative_is_drawn_with_its_correlation_in_a_word(project, inverted):
    for drawn in (quietly(denoise(project)), quietly(reconstruct(project)), quietly(components(project, 2))):
        assert re.match(r"The model has not learned enough to draw cell \(correlation -0\.\d\d with", drawn.notes[0])
        assert drawn.name.endswith("(learned too little)")
    assert stored_view(project, DENOISED, 0).notes == quietly(denoise(project)).notes


def test_a_blank_picture_is_doubted(project, blank):
    assert "correlation 0.00" in quietly(denoise(project)).notes[0]


def test_what_can_be_drawn_is_drawn(project):
    drawn = np.asarray(quietly(denoise(project)).channels[0][:, :, :])
    given = project.specimens[0].volume.read(project.specimens[0].volume.box)[0]
    assert np.corrcoef(drawn.ravel(), given.ravel())[0, 1] > 0.3
