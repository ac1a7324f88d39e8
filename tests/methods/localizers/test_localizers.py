"""What every localizer has to do, and the vote in particular."""

import numpy as np
import pytest
import torch

from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.jobs import Command, Progress, drive, quietly
from napari_hypseg.methods.localizers import vote
from napari_hypseg.methods.localizers.base import Evidence
from napari_hypseg.methods.localizers.slice_localizers import ROTATION, SORTING
from napari_hypseg.methods.localizers.vote import Vote
from napari_hypseg.methods.registry import get_localizer, localizers
from napari_hypseg.volumes.coarse import CoarseVolume

CPU = torch.device("cpu")
QUICK = {"sorting": {"steps": 3}, "rotation": {"steps": 3}, "vote": {}}


def coarse(shape=(20, 24, 22), channels=1, seed=0):
    data = np.random.default_rng(seed).normal(size=(channels, *shape)).astype(np.float32)
    return CoarseVolume(data, np.ones(shape, bool), (1, 1, 1), shape)


def built(name, channels=1, **settings):
    localizer = localizers()[name]
    return localizer.build(localizer.settings.check({**QUICK[name], **settings}), channels)


def at_once(job):
    """Drive a job that is told to stop learning at every step."""
    return drive(job, lambda event: Command.STOP)


def test_the_default_comes_first_and_unknown_names_are_answered():
    assert list(localizers()) == ["vote", "rotation", "sorting"]
    with pytest.raises(SettingError, match=r"no localizer 'magic'.*vote, rotation, sorting"):
        get_localizer("magic")


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [("sorting", "margin", 0), ("sorting", "axis", "w"), ("rotation", "angles", 3), ("vote", "seed", -1)],
)
def test_settings_out_of_bounds_are_named(name, setting, value):
    with pytest.raises(SettingError, match=setting):
        get_localizer(name).settings.check({setting: value})


@pytest.mark.parametrize("name", list(QUICK))
@pytest.mark.parametrize("shape", [(20, 24, 22), (1, 24, 20), (3, 2, 40), (2, 1, 1)])
def test_any_grid_gives_evidence_on_half_of_it(name, shape):
    localizer, copy = built(name), coarse(shape)
    at_once(localizer.fit([copy], CPU))
    seen = quietly(localizer.propose(copy))
    assert seen.map.shape == tuple(-(-n // 2) if n >= 32 else n for n in shape)
    assert seen.map.dtype == np.float32
    assert (seen.map >= 0).all()
    assert tuple(map(len, seen.profiles)) == shape
    for profile in seen.profiles:
        assert profile.dtype == np.float32
        assert ((profile >= 0) & (profile <= 1)).all()


@pytest.mark.parametrize("name", list(QUICK))
def test_a_single_voxel_is_refused(name):
    with pytest.raises(InputError, match="single voxel"):
        quietly(built(name).fit([coarse((1, 1, 1))], CPU))


@pytest.mark.parametrize("name", ["sorting", "rotation"])
def test_several_volumes_and_channels_and_the_control_metric(name):
    localizer, told = built(name, channels=2), []
    drive(localizer.fit([coarse(channels=2), coarse((9, 30, 12), 2, seed=1)], CPU), told.append)
    assert [event.step for event in told] == [1, 2, 3]
    assert {"sorting": "displacement", "rotation": "accuracy"}[name] in told[-1].metrics
    drive(localizer.propose(coarse((12, 12, 12), 2, seed=2)), told.append)
    assert isinstance(told[-1], Progress)
    assert told[-1].stage == "find"


@pytest.mark.parametrize("name", ["sorting", "rotation"])
def test_same_seed_same_evidence(name):
    maps = []
    for seed in (0, 0, 1):
        localizer = built(name, seed=seed)
        quietly(localizer.fit([coarse()], CPU))
        maps.append(quietly(localizer.propose(coarse())).map)
    np.testing.assert_array_equal(maps[0], maps[1])
    assert not np.array_equal(maps[0], maps[2])


@pytest.mark.parametrize("choice", [{"axis": "all"}, {"axis": "x", "slices": 2}, {"centred": True}, {"span": 0.3}])
def test_every_way_of_drawing_slices(choice):
    quietly(built("sorting", **choice).fit([coarse()], CPU))


class Seeing:
    """A voter that sees what it is told to, and counts the volumes it learned from."""

    def __init__(self, where, certainty):
        self.where, self.certainty, self.learned = where, certainty, 0

    def fit(self, volumes, device):
        self.learned += len(volumes)
        yield Progress("learn", 1, 1)

    def propose(self, volume):
        yield Progress("find", 1, 1)
        seen = np.zeros(volume.grid, np.float32)
        seen[self.where] = 1
        return Evidence(seen, tuple(np.full(n, self.certainty, np.float32) for n in volume.grid))


def test_the_vote_is_what_both_see():
    voters = Seeing((slice(2, 9), slice(2, 9)), 0.2), Seeing((slice(6, 14), slice(2, 9)), 0.6)
    both, copy = Vote(voters), coarse()
    quietly(both.fit([copy, copy], CPU))
    assert [voter.learned for voter in voters] == [2, 2]
    seen = quietly(both.propose(copy))
    agreed = seen.map[6:9, 2:9].min()
    assert agreed > 10 * max(seen.map[2:6].max(), seen.map[9:].max())
    np.testing.assert_allclose(seen.profiles[1], 0.4, rtol=1e-6)


def test_the_vote_is_of_the_two_localizers():
    assert {SORTING.name, ROTATION.name, vote.LOCALIZER.name} == set(localizers())
