"""Specimens share their leaves, and nothing else stays on the disk."""

import numpy as np

from napari_hypseg import pipeline
from napari_hypseg.hierarchy.tree import PARTS
from napari_hypseg.inference.batches import make_batches
from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.pipeline.build_segmentation import build_segmentation
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
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
        counts = sum(np.bincount(ids.ravel(), minlength=tree.n_leaves + 1) for ids in space.leaves)
        np.testing.assert_array_equal(counts[1:], tree.sizes[: tree.n_leaves])
        shared.append(len(np.intersect1d(*space.leaves)))
    assert np.mean(shared) > 4


def test_nothing_but_leaves_stays_on_the_disk(tmp_path):
    model, training = {"width": 4, "latent_dim": 3}, {"steps": 1, "crop": 16}
    settings = {"model": model, "training": training, "leaves": {"leaves": 20}}
    project = Project.create(tmp_path / "p", [Specimen(phantom().volume)], RunSettings.check(settings))
    quietly(pipeline.learn(project))
    scratch = project.store.segmentations
    job = pipeline.segment(project)
    for event in job:
        if isinstance(event, Progress) and event.stage == "encode" and event.step > 1:
            break
    assert len(list(scratch.glob(".hypseg-*.part"))) == 2
    job.close()
    assert not list(scratch.iterdir())
    stages = []
    fingerprint = drive(pipeline.segment(project), lambda event: stages.append(getattr(event, "stage", "")))
    folder = project.store.segmentation_folder(fingerprint)
    arrays = {"leaves-0.zarr", "tree.zarr", "kinds.zarr", "features.zarr", "descriptors.zarr"}
    assert {path.name for path in folder.iterdir()} == arrays | {"record.json"}
    expected = ["prepare", "regions", "encode", "touch", "merge", "describe", "cluster", "leaves", "context", "tree"]
    assert [stage for stage in dict.fromkeys(stages) if stage] == expected
