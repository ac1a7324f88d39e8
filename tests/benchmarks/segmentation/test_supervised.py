"""The ceiling learns what it is told, in any volume, and the same twice."""

import pytest
import torch

from benchmarks.segmentation.regions import LEVEL_OF, level_dice
from benchmarks.segmentation.run_spec import RunBudget, RunSpec
from benchmarks.segmentation.supervised import classes_at_levels, learned_unet
from benchmarks.segmentation.unet import UNet, class_loss
from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.volumes.phantom import phantom
from napari_hypseg.volumes.specimen import Specimen

EFFORT = RunBudget(steps=25, device="cpu")


@pytest.fixture(scope="module")
def learned():
    """Two volumes, what was reported while it learned from them, and the U-Net."""
    torch.set_num_threads(1)
    made, events = [phantom((16, 16, 16), seed) for seed in (1, 2)], []
    return made, events, drive(learned_unet(RunSpec(made, 0, EFFORT)), events.append)


def test_it_learns(learned):
    _, events, _ = learned
    losses = [event.metrics["loss"] for event in events if isinstance(event, Progress)]
    assert len(losses) == EFFORT.steps
    assert sum(losses[-5:]) < 0.85 * sum(losses[:5])


def test_classes_of_a_volume_of_any_shape(learned):
    made, _, unet = learned
    regions = classes_at_levels(unet, Specimen(phantom((22, 20, 26), 1).volume))
    assert all(ids.shape == (22, 20, 26) and ids.min() >= 1 for ids in regions.values())
    assert ((regions[2] == 1) == (regions[8] == 1)).all()
    dice = quietly(level_dice(classes_at_levels(unet, Specimen(made[0].volume)), made[0]))
    assert set(dice) == set(LEVEL_OF)
    assert dice[2] > 0.5


def test_the_same_seed_learns_the_same():
    made = [phantom((16, 16, 16), 1)]
    first, again, other = (
        quietly(learned_unet(RunSpec(made, seed, RunBudget(steps=2, device="cpu")))).classes.weight
        for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_logits_are_those_of_every_voxel():
    assert UNet(2, 6, 8)(torch.zeros(1, 2, 8, 16, 24)).shape == (1, 6, 8, 16, 24)


def test_the_loss_of_the_truth_is_nothing():
    classes = torch.randint(3, (2, 4, 4, 4), generator=torch.Generator().manual_seed(0))
    sure = 100.0 * torch.nn.functional.one_hot(classes, 3).movedim(-1, 1)
    assert float(class_loss(sure, classes)) == pytest.approx(0, abs=1e-5)
    assert float(class_loss(-sure, classes)) > 10
