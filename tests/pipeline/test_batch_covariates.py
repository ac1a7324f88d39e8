"""Specimens of several batches learned together, and applied to a volume of none."""

import numpy as np
import pytest

from napari_hypseg import pipeline
from napari_hypseg.errors import SettingError
from napari_hypseg.jobs import quietly
from napari_hypseg.pipeline.apply import apply
from napari_hypseg.pipeline.trained_encoders import trained_encoders
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.structures.edits import MakeStructure
from napari_hypseg.training.checkpoint import load_checkpoint
from napari_hypseg.volumes import Specimen
from napari_hypseg.volumes.phantom import phantom

SHAPE = (20, 20, 20)


def settings(**model):
    plain = {"model": {"width": 4, "latent_dim": 3, **model}, "training": {"steps": 2, "crop": 8}}
    return RunSettings.check({**plain, "leaves": {"leaves": 16}})


def specimens(count):
    return [Specimen(phantom(SHAPE, seed).volume) for seed in range(count)]


def test_learned_specimens_have_their_batch_and_a_new_volume_the_mean(tmp_path):
    source = Project.create(tmp_path / "two", specimens(2), settings(batch_covariates="specimen", batch_encoder=True))
    quietly(pipeline.run(source))
    source.reload()
    kept = load_checkpoint(source.store.checkpoint_file).recipe.settings
    assert kept["batch_covariates"] == "specimen=1,2"
    np.testing.assert_array_equal([encoder.vector for encoder in trained_encoders(source)], np.eye(2))
    source.structures.do(MakeStructure(name="some", colour=(1.0, 0.0, 0.0), leaves="0-3"))
    target = Project.create(tmp_path / "new", specimens(3)[2:], source.settings)
    quietly(apply(source, target))
    assert target.leaves[0][:].min() >= 1
    assert [encoder.vector for encoder in trained_encoders(target)] == [None]
    target.close()
    source.close()


@pytest.mark.parametrize(("told", "said"), [("day=a", "1 values for 2 specimens"), ("day=a,a", "is the same for all")])
def test_covariates_that_do_not_fit_are_refused_before_anything_is_learned(tmp_path, told, said):
    project = Project.create(tmp_path / "two", specimens(2), settings(batch_covariates=told))
    with pytest.raises(SettingError, match=said):
        quietly(pipeline.learn(project))
    assert not project.has_checkpoint
    project.close()
