"""The window's jobs without learning: they write to the project what the real ones would, at once."""

import time
from pathlib import Path

import numpy as np

from napari_hypseg.errors import InputError
from napari_hypseg.hierarchy.build import build_hierarchy
from napari_hypseg.hierarchy.metric import EUCLIDEAN
from napari_hypseg.jobs import Command, Notice, Progress
from napari_hypseg.pipeline import Preview, SliceView
from napari_hypseg.project.project import Project

LEAVES = 12


def run(control, project, fresh):
    """Learn until stopped if the method's seed says so, else for a moment; then make regions."""
    opened = Project.open(Path(project))
    settings = opened.settings.training
    if settings.seed == 13:
        raise InputError("The specimen is unlucky; choose another seed.")
    yield Notice(f"fresh: {fresh}")
    shape = opened.records[0].shape
    for step in range(1000):
        command = yield Progress("learn", step, 1000, {"loss": 1.0 / (step + 1)}, seconds_left=42.0)
        if control.view:
            view = SliceView(*control.view)
            rows, columns = (n for axis, n in enumerate(shape) if axis != view.axis)
            yield Preview(view, np.full((rows, columns), 3, dtype=np.uint8))
        if command is Command.STOP or (settings.steps is not None and step >= settings.steps):
            break
        time.sleep(0.01)
    (Path(project) / "training.json").write_text('{"seconds": 21, "device": "cpu", "history": []}')
    return (yield from segment(control, project))


def segment(control, project):
    """Leaves in slabs along x."""
    opened = Project.open(Path(project))
    yield Progress("encode", 0, 1)
    arrays = opened.store.start_segmentation([record.shape for record in opened.records])
    for array in arrays:
        slabs = np.arange(array.shape[2]) * LEAVES // array.shape[2] + 1
        array[:] = np.broadcast_to(slabs, array.shape).astype(np.uint16)
    points = np.stack([np.arange(LEAVES) ** 2.0, np.zeros(LEAVES)], axis=1).astype(np.float32)
    tree = build_hierarchy(points, np.full(LEAVES, 50, dtype=np.int64), EUCLIDEAN, "average")
    return opened.store.finish_segmentation(tree, {"method": "fake"})


def export(control, project, level, regions, specimen, path, format_name):
    """Say what was asked for in the file."""
    yield Progress("export", 0, 1)
    Path(path).write_text(f"{level} {regions} {specimen} {format_name}")
    return path


def describe_device(control):
    yield Progress("start", 0)
    return "a toy"
