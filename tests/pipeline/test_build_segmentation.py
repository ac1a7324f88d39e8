"""Specimens share their leaves, and nothing else stays on the disk."""

import errno
import os

import numpy as np
import pytest

from napari_hypseg import pipeline
from napari_hypseg.errors import InputError, OutputError
from napari_hypseg.hierarchy.leaf_features import MOST_SAMPLED
from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.inference.batches import make_batches
from napari_hypseg.inference.encoder import BATCH, Encoder
from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.io.opening import open_volume
from napari_hypseg.io.writing import write_volume
from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.pipeline.build_segmentation import build_segmentation
from napari_hypseg.pipeline.trained_encoders import trained_encoders
from napari_hypseg.project.copying import copy_project
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.storage.record_log import RecordLog
from napari_hypseg.volumes import Specimen
from napari_hypseg.volumes.phantom import phantom
from tests.precomputed_specimens import encoders_of, workspace_of


def test_specimens_share_leaves_whatever_their_order():
    shared = []
    for seed in (3, 5, 7):
        specimens = [Specimen(phantom((40, 40, 40), seed=one).volume) for one in (seed, seed + 1)]
        encoders, space = encoders_of(*specimens), workspace_of(*specimens)
        built = quietly(build_segmentation(MemoryFallback(encoders), quietly(make_batches(encoders)), space, 10, 0))
        tree = built.hierarchies[PARTS]
        assert built.features.supervoxels.shape == (MOST_SAMPLED, tree.points.shape[1])
        counts = sum(np.bincount(ids.ravel(), minlength=tree.n_leaves + 1) for ids in space.leaves)
        np.testing.assert_array_equal(counts[1:], tree.sizes[: tree.n_leaves])
        shared.append(len(np.intersect1d(*space.leaves)))
    assert np.mean(shared) > 4


def trained(folder, volume=None):
    model, training = {"width": 4, "latent_dim": 3}, {"steps": 1, "crop": 16}
    settings = {"model": model, "training": training, "leaves": {"leaves": 20}}
    project = Project.create(folder, [Specimen(volume or phantom().volume)], RunSettings.check(settings))
    quietly(pipeline.learn(project))
    return project


def stop_at(job, stage, step):
    """Close a job as a killed process would end it."""
    for event in job:
        if isinstance(event, Progress) and event.stage == stage and event.step >= step:
            break
    job.close()


def test_nothing_but_leaves_stays_on_the_disk(tmp_path):
    project = trained(tmp_path / "p")
    stop_at(pipeline.segment(project), "encode", 2)
    assert [path.name for path in project.store.segmentations.iterdir()] == ["unfinished"]
    quietly(copy_project(project.path, tmp_path / "copy"))
    assert not (tmp_path / "copy" / "segmentations" / "unfinished").exists()
    stages = []
    fingerprint = drive(pipeline.segment(project), lambda event: stages.append(getattr(event, "stage", "")))
    assert {path.name for path in project.store.segmentations.iterdir()} == {fingerprint, "current.json"}
    folder = project.store.segmentation_folder(fingerprint)
    arrays = {"leaves-0.zarr", "tree.zarr", "kinds.zarr", "features.zarr", "descriptors.zarr"}
    assert {path.name for path in folder.iterdir()} == arrays | {"record.json"}
    expected = ["prepare", "regions", "encode", "touch", "merge", "describe", "cluster", "leaves", "context", "tree"]
    assert [stage for stage in dict.fromkeys(stages) if stage] == expected


@pytest.mark.parametrize(("stage", "step"), [("regions", 0), ("encode", 2), ("leaves", 0)])
def test_a_killed_segmentation_goes_on_where_it_was(tmp_path, monkeypatch, stage, step):
    project = trained(tmp_path / "p")
    whole = quietly(pipeline.segment(project))
    leaves = project.store.load_segmentation(whole, 1).leaves[0][:]
    encoded = []
    sample = Encoder.sample
    monkeypatch.setattr(Encoder, "sample", lambda one, block: encoded.append(block) or sample(one, block))
    stop_at(pipeline.segment(project), stage, step)
    before = len(encoded)
    again = quietly(pipeline.segment(project))
    np.testing.assert_array_equal(project.store.load_segmentation(again, 1).leaves[0][:], leaves)
    assert again == whole
    blocks = len(trained_encoders(project)[0].blocks())
    known = {"regions": 0, "encode": 2, "leaves": blocks}[stage]
    assert known <= before <= known + 3, "a few were under way"
    assert len(encoded) - before == blocks - known


def test_what_another_model_left_is_not_gone_on_with(tmp_path):
    project = trained(tmp_path / "p")
    stop_at(pipeline.segment(project), "encode", 2)
    quietly(pipeline.learn(project, fresh=False))
    events = []
    drive(pipeline.segment(project), events.append)
    steps = [event.step for event in events if isinstance(event, Progress) and event.stage == "encode"]
    assert steps[0] == 0


def test_a_disk_that_fills_up_is_told_and_what_was_computed_is_kept(tmp_path, monkeypatch):
    project = trained(tmp_path / "p")
    append, room = RecordLog.append, iter(range(3))

    def fill(log, *columns):
        if next(room, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        append(log, *columns)

    monkeypatch.setattr(RecordLog, "append", fill)
    with pytest.raises(OutputError, match="the disk is full; free some space"):
        quietly(pipeline.segment(project))
    monkeypatch.undo()
    events = []
    drive(pipeline.segment(project), events.append)
    steps = [event.step for event in events if isinstance(event, Progress) and event.stage == "encode"]
    assert steps[0] == 2 * BATCH, "blocks of two batches"


def test_a_file_that_shrinks_is_told_and_gone_on_with_when_it_is_back(tmp_path):
    path = tmp_path / "a.mrc"
    write_volume(path, phantom().volume, phantom().volume.box)
    project = trained(tmp_path / "p", open_volume(path))
    content = path.read_bytes()

    def cut_short(event):
        if isinstance(event, Progress) and event.stage == "encode" and event.step == 1:
            os.truncate(path, len(content) // 2)

    with pytest.raises(InputError, match=r"a\.mrc is gone or shorter"):
        drive(pipeline.segment(project), cut_short)
    path.write_bytes(content)
    quietly(pipeline.segment(project))
    assert project.store.is_complete
