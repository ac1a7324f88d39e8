"""A picture that the model cannot draw yet is refused, by a look at the volume itself."""

import numpy as np
import pytest

from napari_hypseg import pipeline
from napari_hypseg.encoding.stream import Encoder
from napari_hypseg.errors import ProjectError
from napari_hypseg.jobs import Notice, drive, quietly
from napari_hypseg.pipeline.decode import components, denoise
from napari_hypseg.pipeline.fidelity import drawing_fidelity
from napari_hypseg.pipeline.reconstruct import reconstruct
from napari_hypseg.pipeline.visiting import trained_encoders
from napari_hypseg.project.pictures import DENOISED, kept_picture
from napari_hypseg.project.project import Project
from napari_hypseg.project.settings import RunSettings
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


def test_a_negative_is_refused_with_its_correlation(project, inverted):
    with pytest.raises(ProjectError, match=r"not learned enough to draw cell \(correlation -0\.\d\d with the volume"):
        quietly(denoise(project))
    with pytest.raises(ProjectError, match="learn on for longer"):
        quietly(reconstruct(project))
    assert kept_picture(project, DENOISED, 0) is None


def test_a_blank_picture_is_refused(project, blank):
    with pytest.raises(ProjectError, match=r"correlation 0\.00"):
        quietly(denoise(project))


def test_components_are_drawn_with_a_word_of_doubt(project, inverted):
    events = []
    drawn = drive(components(project, 2), events.append)
    assert len(drawn.channels) == 2
    assert ["not learned enough" in event.message for event in events if isinstance(event, Notice)] == [True]


def test_what_can_be_drawn_is_drawn(project):
    drawn = np.asarray(quietly(denoise(project)).channels[0][:, :, :])
    given = project.specimens[0].volume.read(project.specimens[0].volume.box)[0]
    assert np.corrcoef(drawn.ravel(), given.ravel())[0, 1] > 0.3
