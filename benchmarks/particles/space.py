"""Learning boxes that are turned in space: how well rotations are found, and two kinds told apart by the tree."""

import time
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.metrics import adjusted_rand_score

from benchmarks.particles.boxes import posed_boxes, rotation_errors
from benchmarks.particles.measure import Scale
from benchmarks.particles.tasks import NETWORK, RATE
from napari_hypseg.hierarchy.cuts import cut_at
from napari_hypseg.inference.particle_poses import infer_poses
from napari_hypseg.jobs import Job, Notice
from napari_hypseg.methods.spatial_vae import SpatialVAESettings
from napari_hypseg.particles.classes.particle_model import learn_particles
from napari_hypseg.particles.classes.particle_tree import particle_tree
from napari_hypseg.training.settings import TrainingSettings

EDGE = 16
SNR = 0.5
BATCH = 24
KINDS = ("axis", "space")
STEPS = 400
LEARNED, HELD_OUT = 600, 200
NEAR = 20.0
"""Degrees within which a rotation is right."""


@dataclass(frozen=True)
class SpaceScore:
    """What was found of held-out boxes.

    Parameters
    ----------
    rotations, seed
        About what boxes were turned, and from which start it was learned.
    error, right
        Median angle in degrees to the true rotation, and the share within `NEAR`.
    rand
        Adjusted Rand index of the two classes of the tree with the two kinds.
    steps, seconds
        Steps of learning, and seconds of processor time.
    """

    rotations: str
    seed: int
    error: float
    right: float
    rand: float
    steps: int
    seconds: float


def space_score_job(rotations: str, seed: int, scale: Scale) -> Job[SpaceScore]:
    """Learn boxes turned about ``"axis"`` or in ``"space"``, and score what is found."""
    steps = max(2, round(STEPS * scale.steps))
    learned, held_out = min(LEARNED, scale.learned), min(HELD_OUT, scale.held_out)
    yield Notice(f"boxes, rotations about {rotations}, seed {seed}")
    made = posed_boxes(learned + held_out, EDGE, SNR, rotations, seed)
    settings = SpatialVAESettings(**{**NETWORK, "rotations": rotations, "latent_dim": 2, "shift_prior": 0.0})
    training = TrainingSettings(steps=steps, batch=BATCH, learning_rate=RATE, seed=seed, device="cpu")
    began = time.process_time()
    model = yield from learn_particles(made.boxes[:learned], settings, training)
    seconds = time.process_time() - began
    poses = yield from infer_poses(model, made.boxes[learned:], torch.device("cpu"))
    tree = yield from particle_tree(poses.points, model.manifold, seed)
    errors = rotation_errors(poses.rotations.astype(np.float64), made.rotations[learned:])
    rand = adjusted_rand_score(made.kinds[learned:], tree.classes(cut_at(tree.hierarchy, 2)))
    return SpaceScore(
        rotations, seed, float(np.median(errors)), float((errors < NEAR).mean()), float(rand), steps, seconds
    )
