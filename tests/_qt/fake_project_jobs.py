"""The window's jobs without learning: they write to the project what the real ones would, at once."""

import time
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from napari_hypseg._qt.jobs import project_jobs
from napari_hypseg.errors import InputError
from napari_hypseg.hierarchy.tree import KINDS, PARTS
from napari_hypseg.jobs import Command, Notice, Progress
from napari_hypseg.particles.classes.gallery_order import ParticleRanks
from napari_hypseg.particles.classes.particle_content import ParticleContent
from napari_hypseg.particles.classes.sorted_particles import SortedParticles
from napari_hypseg.pipeline import FirstRegions, Preview, SliceView
from napari_hypseg.pipeline.classify_particles import ClassifiedParticles
from napari_hypseg.pipeline.measure_choice import measure_choice_job
from napari_hypseg.pipeline.preview_particles import choice_job
from napari_hypseg.pipeline.speed import Speed
from napari_hypseg.pipeline.volume_ended import VolumeEnded
from napari_hypseg.project.latent_views import COMPONENTS, RECONSTRUCTION, LatentViewFolder
from napari_hypseg.project.project import Project
from napari_hypseg.project.sources import open_specimen
from napari_hypseg.volumes import Box
from napari_hypseg.volumes.proposal import Proposal
from tests.scipy_tree import scipy_tree

LEAVES = 12
FIRST_SEED = 17
"""Seed with which learning makes first regions before."""
LEARNED = MappingProxyType({"method": "fake"})


def run(control, project, fresh):
    """Learn until stopped if the method's seed says so, else for a moment; then make regions."""
    opened = Project.open_for_job(Path(project))
    settings = opened.settings.training
    if settings.seed == 13:
        raise InputError("The specimen is unlucky; choose another seed.")
    yield Notice(f"fresh: {fresh}")
    if settings.seed == FIRST_SEED and opened.segmentation is None:
        yield FirstRegions((yield from first_regions(control, project)))
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
    opened.store.write_json(opened.store.training_file, {"seconds": 21, "device": "cpu", "history": []})
    return (yield from segment(control, project))


def first_regions(control, project):
    """Coarser slabs than those that are learned; takes its time until stopped where many leaves are wanted."""
    opened = Project.open_for_job(Path(project))
    for step in range(1000 if opened.settings.leaves.leaves == 999 else 3):
        yield Progress("first", step, 1000, seconds_left=42.0)
        time.sleep(0.01)
    return (yield from segment(control, project, {"method": "filters", "curvature": 0.0}, LEAVES // 2))


def segment(control, project, record=LEARNED, n_leaves=LEAVES):
    """Leaves in slabs along x."""
    opened = Project.open_for_job(Path(project))
    yield Progress("encode", 0, 1)
    arrays = opened.store.start_segmentation([record.shape for record in opened.records])
    for array in arrays:
        slabs = np.arange(array.shape[2]) * n_leaves // array.shape[2] + 1
        array[:] = np.broadcast_to(slabs, array.shape).astype(np.uint16)
    numbers, sizes = np.arange(n_leaves), np.full(n_leaves, 50)
    points = np.stack([numbers**2.0, np.zeros(n_leaves)], axis=1).astype(np.float32)
    tree = replace(scipy_tree(points, sizes), points=points / (1.25 * LEAVES**2))  # they lie in the Poincaré ball
    kinds = scipy_tree(np.stack([numbers % 3 * 40.0, numbers**1.5], axis=1), sizes)
    trees = {PARTS: tree, KINDS: replace(kinds, points=tree.points)}
    return opened.store.finish_segmentation(trees, record)


def export(control, project, what, specimen, path, format_name, inputs):
    """Say what was asked for in the file."""
    yield Progress("export", 0, 1)
    n_nodes = len(what.cut.nodes) if what.cut is not None else 0
    Path(path).write_text(f"{what.kind} {' '.join(what.names)} {n_nodes} {specimen} {format_name}")
    return path


def apply(control, project, volumes, out):
    """Say of each volume that it is done, but of one that is called broken."""
    for number, volume in enumerate(volumes):
        yield Progress("encode", number, len(volumes))
        yield VolumeEnded(f"{Path(volume).stem} is done.")
    Path(out).mkdir()
    return tuple(f"{volume} cannot be read." for volume in volumes if "broken" in volume)


def draw(control, project, name, wish):
    """Keep a picture of noise, at once, or never where very many components are wanted."""
    opened = Project.open(Path(project))
    for step in range(1000 if wish.count == 64 else 2):
        yield Progress("decode", step, 1000, seconds_left=42.0)
        time.sleep(0.01)
    regional = name == RECONSTRUCTION
    shape = (2 * LEAVES - 1,) if regional else opened.records[wish.specimen].shape
    outside = [float(wish.specimen)] * (wish.count if name == COMPONENTS else 1)
    folder = LatentViewFolder(opened, name, wish.specimen)
    for number, array in enumerate(folder.start(shape, outside)):
        array[:] = np.random.default_rng(number).normal(size=shape)
    folder.finish(outside, segmentation=opened.segmentation.fingerprint if regional else None)


def measure(control, project, what, settings, pieces_file):
    """Measure as the real job does, or for ever where the smallest piece has 13 voxels."""
    while settings["min_voxels"] == 13:
        yield Progress("measure", 1, 2, seconds_left=42.0)
        time.sleep(0.01)
    return (yield from measure_choice_job(Project.open(Path(project)), what, settings, Path(pieces_file)))


preview_pieces = project_jobs.preview_pieces
preview_particles = project_jobs.preview_particles
export_particles = project_jobs.export_particles
send_back = project_jobs.send_back
surfaces, export_surfaces, save_as = project_jobs.surfaces, project_jobs.export_surfaces, project_jobs.save_as


def classify(control, project, choice, edge, settings):
    """Each particle a class of its own, the last one the first; waits to be stopped or cancelled if that is long."""
    n = len((yield from choice_job(Project.open(Path(project)), choice)).particles)
    while settings["minutes"] > 1000 and (yield Progress("learn", 1, 2)) is not Command.STOP:
        time.sleep(0.01)
    ranks = ParticleRanks(np.arange(n)[::-1], np.arange(n, 0, -1), np.zeros(n, np.float32), np.zeros(n, np.float32))
    movie = np.random.default_rng(0).normal(size=(5, edge, edge)).astype(np.float32)
    content = ParticleContent(np.stack([np.arange(n), np.zeros(n)], axis=1).astype(np.float32))
    return ClassifiedParticles(SortedParticles(ranks, np.full(n, 90.0), np.zeros((n, 2)), content), movie)


def locate(control, folder, records, settings):
    """Look for three steps, or as many as the localizer's settings say."""
    model = settings.get("model", {})
    if model.get("seed") == 13:
        raise InputError("The scan is unlucky; choose another seed.")
    for step in range(1000):
        command = yield Progress("learn", step, 1000, seconds_left=42.0)
        if command is Command.STOP or step >= model.get("steps", 3):
            break
        time.sleep(0.01)
    yield Progress("find", 0, 1)
    for number, record in enumerate(records):
        volume = open_specimen(Path(folder), record).volume
        z, y, x = volume.shape
        steps = (2.0, 2.0, 3.0)
        grid = [-(-n // int(step)) for n, step in zip(volume.shape, steps, strict=True)]
        notes = (f"There is no sample in {volume.name}.",) if number else ()
        profiles = tuple(np.linspace(0, 1, n, dtype=np.float32) for n in grid)
        box = Box((1 + number, 2, 3), (z - 1, y - 2, x - 3))
        yield Proposal(box, 0.95 - number / 2, "fake", np.full(grid, 0.5, np.float32), steps, profiles, notes)
    return len(records)


def crop(control, folder, records, path, format_name, inputs):
    """Say in the file what was asked for."""
    yield Progress("save", 0, 1)
    Path(path).write_text(f"{records[0].name} {records[0].box} {format_name}")
    return (path,), "Saved 1.52 GB: 2.00 GB became 0.48 GB (4.2 times smaller)."


def describe_device(control):
    yield Progress("start", 0)
    return "a toy"


def time_regions(control, settings):
    yield Progress("start", 0)
    return Speed(2.0, 0.001)
