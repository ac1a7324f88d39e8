"""Finding the sample from end to end, on scans so small and with so little learning that it takes seconds."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from benchmarks.ct_phantom.phantom import ct_phantom
from napari_hypseg.errors import HypsegError, InputError, SettingError
from napari_hypseg.jobs import Command, Progress, drive, quietly
from napari_hypseg.methods.registry import localizers
from napari_hypseg.pipeline.locate import locate
from napari_hypseg.pipeline.locate_settings import LocateSettings
from napari_hypseg.volumes import Box, Volume, join_channels

FEW = {"sorting": {"steps": 15}, "rotation": {"steps": 15}, "vote": {}}
SHAPE = (24, 28, 26)
BLOCK = Box((7, 8, 8), (17, 20, 19))


def settings(method="sorting", outline_steps=2, **choices):
    model = choices.pop("model", {"steps": 2} if method != "vote" else {})
    return LocateSettings(method=method, model=model, outline_steps=outline_steps, device="cpu", **choices)


def found(volume, **choices):
    """The proposal for one volume after hardly any learning."""
    (proposal,) = quietly(locate([volume], settings(**choices)))
    return proposal


def noise(shape=SHAPE, seed=0):
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


def scan(shape=SHAPE, box=BLOCK, seed=0, **place):
    """A block of smooth texture in noise."""
    data = 0.3 * noise(shape, seed)
    texture = ndimage.gaussian_filter(noise(shape, seed + 100), 1.5)
    data[box.slices] += 2 * (texture / texture.std())[box.slices]
    return Volume((data,), name=f"scan-{seed}", **place)


def overlap(one, two):
    common = one.intersect(two).size
    return common / (one.size + two.size - common)


def is_sound(proposal, volume):
    """Whether a proposal is one, whatever was found: a box in the grid, and findings that can be shown."""
    assert proposal.box.size > 0
    assert proposal.box.intersect(volume.box) == proposal.box
    assert 0 <= proposal.certainty <= 1
    assert proposal.map.dtype == np.float32
    assert ((proposal.map >= 0) & (proposal.map <= 1)).all()
    assert tuple(map(len, proposal.profiles)) == proposal.map.shape
    for profile in proposal.profiles:
        assert ((profile >= 0) & (profile <= 1)).all()
    for cells, step, length in zip(proposal.map.shape, proposal.step, volume.shape, strict=True):
        assert (cells - 1) * step < length <= cells * step
    assert all(note.endswith(".") for note in proposal.notes)
    return True


@pytest.mark.slow
@pytest.mark.parametrize("method", ["sorting", "rotation"])
def test_the_specimen_of_a_small_scan_is_found(method):
    """Measured 0.80 with these steps and 0.82 with all of them; a cell is as large as 1/30 of the specimen."""
    made = ct_phantom((64, 64, 64), 0, medium="capillary", distractor="none", noise=0.2)
    proposal = found(made.volume, method=method, model=FEW[method], outline_steps=150)
    assert is_sound(proposal, made.volume)
    assert overlap(proposal.box, made.box) > 0.7
    assert proposal.method == method
    inside = proposal.map[made.box.slices].mean()
    assert inside > 2 * (proposal.map.sum() - proposal.map[made.box.slices].sum()) / (
        made.volume.box.size - made.box.size
    )


@pytest.mark.parametrize("method", ["sorting", "rotation"])
def test_same_seed_same_box(method):
    one, two = (found(scan(), method=method, outline_steps=4) for _ in range(2))
    assert one.box == two.box
    assert one.certainty == two.certainty
    np.testing.assert_array_equal(one.map, two.map)


def test_what_is_only_looked_at_comes_last_and_teaches_nothing():
    first, second, other = scan(seed=1), scan(seed=2), scan((30, 20, 22), seed=3)
    together = quietly(locate([first, second], settings(), [other]))
    assert len(together) == 3
    for proposal, volume in zip(together, (first, second, other), strict=True):
        assert is_sound(proposal, volume)
    without = quietly(locate([first, second], settings()))
    assert [p.box for p in without] == [p.box for p in together[:2]]
    np.testing.assert_array_equal(without[0].map, together[0].map)


def test_it_tells_what_it_does():
    told = []
    drive(locate([scan(seed=1), scan(seed=2)], settings("vote", model={}, outline_steps=2)), until_learning(told))
    stages = list(dict.fromkeys(event.stage for event in told))
    assert [stages.index(stage) for stage in ("start", "read", "learn")] == [0, 1, 2]
    assert set(stages[3:]) == {"find", "outline"}
    for stage in ("learn", "outline"):
        assert any("loss" in event.metrics for event in told if event.stage == stage)
    assert (told[-1].stage, told[-1].step, told[-1].total) == ("find", 2, 2)


def until_learning(told):
    """Take down every event and stop learning at once, and the outline too if it could be."""

    def see(event):
        told.append(event)
        return Command.STOP if isinstance(event, Progress) and event.stage in ("learn", "outline") else None

    return see


@pytest.mark.parametrize("method", list(FEW))
def test_stop_ends_learning_and_still_proposes(method):
    told, volume = [], scan()
    endless = settings(method, 3, model={"steps": 50_000} if method != "vote" else {})
    (proposal,) = drive(locate([volume], endless), until_learning(told))
    assert is_sound(proposal, volume)
    assert sum(event.stage == "learn" for event in told) < 10
    outlined = [event.step for event in told if event.stage == "outline" and event.metrics]
    assert outlined == [1, 2, 3]


def test_a_margin_is_added_on_every_side_as_far_as_there_are_voxels():
    volume = scan()
    tight, wide, widest = (found(volume, outline_steps=8, margin=percent) for percent in (0, 20, 100))
    assert is_sound(wide, volume)
    assert all(a >= b for a, b in zip(tight.box.start, wide.box.start, strict=True))
    expected = tight.box.grow(tuple(round(0.2 * edge) for edge in tight.box.shape)).intersect(volume.box)
    assert wide.box == expected
    assert widest.box.intersect(volume.box) == widest.box


def test_cells_are_measured_in_voxels_of_the_full_grid():
    volume = scan((20, 300, 40), Box((6, 90, 10), (14, 200, 30)), voxel_size=(5.0, 1.0, 1.0))
    proposal = found(volume)
    assert is_sound(proposal, volume)
    assert proposal.step == (1.0, 3.0, 2.0)


def filled():
    """Nothing but sample: one texture from face to face."""
    smooth = ndimage.gaussian_filter(noise(), 1.5)
    return Volume(((smooth / smooth.std()).astype(np.float32),))


def cut():
    return scan(box=Box((0, 8, 8), (12, 20, 19)))


def framed(number=np.nan):
    """A reconstruction with a border of NaN, as some have, and NaN in the sample too."""
    volume = scan()
    data = np.array(volume.channels[0])
    data[:4], data[:, :3], data[..., -5:], data[11, 12, 12] = number, number, number, np.nan
    return replace(volume, channels=(data,))


BAD = {
    "noise": lambda: Volume((noise(),)),
    "filled": filled,
    "cut": cut,
    "few slices": lambda: scan((9, 28, 26), Box((2, 8, 8), (7, 20, 19))),
    "few columns": lambda: scan((24, 28, 5), Box((7, 8, 1), (17, 20, 4))),
    "two slices": lambda: scan((2, 28, 26), Box((0, 8, 8), (1, 20, 19))),
    "one slice": lambda: scan((1, 28, 26), Box((0, 8, 8), (1, 20, 19))),
    "one row": lambda: scan((1, 1, 40), Box((0, 0, 8), (1, 1, 19))),
    "NaN": framed,
    "infinite": lambda: framed(np.inf),
    "integers": lambda: Volume(((1000 * scan().channels[0]).astype(np.int16),)),
    "hot": lambda: Volume((np.where(noise() > 3.5, np.float32(1e30), scan().channels[0]),)),
    "two channels": lambda: join_channels([scan(seed=1), scan(seed=2)]),
    "a blank channel": lambda: join_channels([scan(), Volume((np.zeros(SHAPE, np.float32),))]),
}


@pytest.mark.parametrize("kind", list(BAD))
@pytest.mark.parametrize("method", ["sorting", "rotation"])
def test_every_scan_ends_in_a_proposal(kind, method):
    volume = BAD[kind]()
    assert is_sound(found(volume, method=method), volume)


@pytest.mark.parametrize("method", ["sorting", "rotation"])
def test_where_every_voxel_is_the_same_all_of_it_is_proposed_without_certainty(method):
    volume = Volume((np.full(SHAPE, 7, np.float32),))
    proposal = found(volume, method=method)
    assert is_sound(proposal, volume)
    assert proposal.box == volume.box
    assert proposal.certainty < 0.1


def test_a_sample_cut_by_a_face_reaches_to_it():
    assert found(cut(), outline_steps=15).box.start[0] == 0


def test_scans_that_have_nothing_in_common_are_learned_from_together():
    volumes = [BAD[kind]() for kind in ("noise", "one slice", "NaN", "few columns")]
    for volume, proposal in zip(volumes, quietly(locate(volumes, settings())), strict=True):
        assert is_sound(proposal, volume)


def refused(volumes, **choices):
    """The sentence in which `volumes` are refused."""
    with pytest.raises(HypsegError) as caught:
        quietly(locate(volumes, settings(**choices)))
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def test_a_scan_without_a_number_is_refused():
    assert "volume has no voxel that is finite" in refused([Volume((np.full(SHAPE, np.nan, np.float32),))])


def test_a_single_voxel_is_refused():
    assert "single voxel" in refused([Volume((np.zeros((1, 1, 1), np.float32),))])


def test_scans_with_different_channels_are_refused():
    one, two = scan(seed=1), BAD["two channels"]()
    assert "scan-1 has 2 channels but scan-1 has 1" in refused([one, two])
    with pytest.raises(InputError, match="channels"):
        quietly(locate([one], settings(), [two]))


def test_settings_are_refused_before_anything_is_read():
    class Untouchable:
        shape, dtype = SHAPE, np.dtype(np.float32)

        def __getitem__(self, index):
            raise AssertionError("it was read")

    volume = Volume((Untouchable(),))
    assert ", ".join(localizers()) in refused([volume], method="magic")
    assert "steps" in refused([volume], model={"steps": 0})
    assert "sharpness" in refused([volume], model={"sharpness": 1})
    with pytest.raises(SettingError, match="margin"):
        LocateSettings.check({"margin": -1})


def test_pure_noise_is_said_to_hold_no_sample():
    volume = Volume((noise((44, 44, 44)),), name="noise")
    proposal = found(volume, method="vote", model={})
    assert proposal.box == volume.box
    assert proposal.certainty < 0.1
    assert "No sample" in proposal.notes[0]
