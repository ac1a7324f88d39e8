"""Learning every model of a task, and holding what it infers of held-out images against what is true."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from benchmarks.particles.correlation import circular, pearson
from benchmarks.particles.plain_vae import PlainVAE
from benchmarks.particles.posed_images import Floats, PosedImages
from benchmarks.particles.tasks import NETWORK, RATE, Task
from napari_hypseg.inference.particle_poses import infer_poses
from napari_hypseg.jobs import Job, Notice
from napari_hypseg.methods.spatial_vae import SpatialVAESettings, build_spatial_vae, latent_space
from napari_hypseg.nn.model import TrainableModel
from napari_hypseg.nn.spatial.likelihoods import LIKELIHOODS
from napari_hypseg.nn.spatial.rotations import plane_angle
from napari_hypseg.training.images import ImageSampler
from napari_hypseg.training.loop import train
from napari_hypseg.training.settings import TrainingSettings

BATCH = 32
DRAWS = 4
"""Draws that the bound of held-out images is estimated from."""
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Scale:
    """How much is learned: the most images to learn from and held out, and the share of a task's steps."""

    learned: int = 100_000
    held_out: int = 100_000
    steps: float = 1.0


@dataclass(frozen=True)
class Score:
    """What a model reached on held-out images.

    Parameters
    ----------
    task, model, seed
        What was learned, by what, from which start.
    content
        Correlation of the content with its true number, the best coordinate's.
    rotation
        Circular correlation with the true angle, the best coordinate's for a plain VAE.
    ring
        The same of the angle that two coordinates of a plain VAE make; 0 where there is none.
    shift_error
        Root mean square distance in pixels from the true shift, its mean taken off.
    elbo
        Evidence lower bound in nats an image.
    steps, seconds
        Steps of learning, and seconds of processor time.
    """

    task: str
    model: str
    seed: int
    content: float
    rotation: float
    ring: float
    shift_error: float
    elbo: float
    steps: int
    seconds: float


def scores_job(task: Task, seeds: Sequence[int], scale: Scale) -> Job[list[Score]]:
    """Learn and score every model of `task` from each of `seeds`."""
    scores = []
    for seed in seeds:
        count, apart = min(task.learned, scale.learned), min(task.held_out, scale.held_out)
        made = task.images(count + apart, np.random.default_rng(seed))
        learned, held_out = _part(made, slice(count)), _part(made, slice(count, None))
        steps = max(2, round(task.steps * scale.steps))
        for model in (*task.spatial, *task.plain):
            yield Notice(f"{task.name}, seed {seed}: {model}")
            job = _spatial if model in task.spatial else _plain
            scores.append((yield from job(task, model, seed, steps, learned, held_out)))
    return scores


def _part(made: PosedImages, rows: slice) -> PosedImages:
    return PosedImages(made.images[rows], made.content[rows], made.angles[rows], made.shifts[rows])


def _spatial(task: Task, name: str, seed: int, steps: int, learned: PosedImages, held_out: PosedImages) -> Job[Score]:
    settings = SpatialVAESettings(**{**NETWORK, **task.spatial[name]})
    torch.manual_seed(seed)
    model = build_spatial_vae(settings, learned.images.shape[1:], len(learned.images))
    seconds = yield from _learn(model, learned, seed, steps)
    poses = yield from infer_poses(model, held_out.images, CPU)
    angles = plane_angle(torch.from_numpy(poses.rotations)).numpy()
    missed = poses.centres - held_out.shifts
    model.learning = replace(model.learning, decoded=None)
    return Score(
        task.name,
        name,
        seed,
        max(pearson(column, held_out.content) for column in poses.points.T),
        circular(angles, held_out.angles),
        0.0,
        float(np.sqrt((missed - missed.mean(0)).var(0).sum())),
        _elbo(model, held_out.images),
        steps,
        seconds,
    )


def _plain(task: Task, name: str, seed: int, steps: int, learned: PosedImages, held_out: PosedImages) -> Job[Score]:
    torch.manual_seed(seed)
    latent = latent_space("euclidean", task.plain[name])
    width = int(NETWORK["width"])
    model = PlainVAE(learned.images.shape[1:], latent, width, 2, LIKELIHOODS[task.likelihood])
    seconds = yield from _learn(model, learned, seed, steps)
    points = model.eval().points(torch.from_numpy(held_out.images)).numpy()
    return Score(
        task.name,
        name,
        seed,
        max(pearson(column, held_out.content) for column in points.T),
        max(circular(column, held_out.angles) for column in points.T),
        _ring(points, held_out.angles),
        float("nan"),
        _elbo(model, held_out.images),
        steps,
        seconds,
    )


def _ring(points: Floats, angles: Floats) -> float:
    """The plain VAE's own way to hold an angle: a ring about the middle of two coordinates."""
    if points.shape[1] != 2:
        return 0.0
    centred = points - points.mean(0)
    return circular(np.arctan2(centred[:, 1], centred[:, 0]), angles)


def _learn(model: TrainableModel, learned: PosedImages, seed: int, steps: int) -> Job[float]:
    """Seconds of processor time that learning took."""
    training = TrainingSettings(steps=steps, batch=BATCH, learning_rate=RATE, seed=seed, device="cpu")
    began = time.process_time()
    yield from train(model, ImageSampler(learned.images, seed), training, CPU, lambda state: None)
    model.eval()
    return time.process_time() - began


@torch.no_grad()
def _elbo(model: TrainableModel, images: Floats) -> float:
    generator = torch.Generator().manual_seed(0)
    parts = torch.from_numpy(images).split(100)
    losses = [float(model.loss(part, generator).total) for _ in range(DRAWS) for part in parts]
    return -float(np.mean(losses)) * float(np.prod(images.shape[1:]))
