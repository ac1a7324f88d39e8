"""Seeing what was learned, on a tiny phantom: what is drawn, where it is kept, and what can go wrong."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import zarr

from napari_hypseg import pipeline
from napari_hypseg.errors import HypsegError, OutputError, ProjectError, SettingError
from napari_hypseg.jobs import Progress, drive, quietly
from napari_hypseg.methods.base import no_classes
from napari_hypseg.methods.registry import methods
from napari_hypseg.pipeline.decode import components, denoise
from napari_hypseg.pipeline.latent_views import LATENT_VIEWS, ViewRequest
from napari_hypseg.pipeline.reconstruct import reconstruct, reconstruct_points
from napari_hypseg.project.latent_views import DENOISED, stored_view
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Box, Specimen, Volume
from napari_hypseg.volumes.phantom import phantom

SMALL = {"width": 4, "latent_dim": 3}


def settings(steps=3, **model):
    return RunSettings.check(
        {"model": {**SMALL, **model}, "training": {"steps": steps, "crop": 16}, "leaves": {"leaves": 12}}
    )


def make(path, specimens, chosen=None):
    project = Project.create(path, specimens, chosen or settings())
    quietly(pipeline.run(project))
    project.reload()
    return project


def read(volume):
    return np.stack([np.asarray(channel[:, :, :]) for channel in volume.channels])


@pytest.fixture(autouse=True)
def any_picture_will_do(monkeypatch):
    """Models of a few steps draw nothing like the volume, which is refused elsewhere."""
    monkeypatch.setattr("napari_hypseg.pipeline.fidelity.LEAST", -1.0)


@pytest.fixture(scope="module")
def grey():
    return 1000 + 100 * np.asarray(phantom((24, 26, 28), seed=1).volume.channels[0])


@pytest.fixture(scope="module")
def made(tmp_path_factory, grey):
    """One specimen of two channels, of which a box counts and one voxel is no number."""
    channels = grey.copy(), -grey
    for channel in channels:
        channel[10, 10, 10] = np.nan
    volume = Volume(channels, (8.0, 4.0, 4.0), "angstrom", (5.0, 0.0, -7.0), "cell")
    return make(tmp_path_factory.mktemp("made") / "cell.hypseg", [Specimen(volume, box=Box((0, 2, 3), (20, 26, 28)))])


@pytest.fixture
def project(made, tmp_path):
    """A copy of it that may be changed."""
    return Project.open(shutil.copytree(made.path, tmp_path / made.path.name), write=True)


def test_a_denoised_volume_has_all_channels_in_place_and_in_their_units(project):
    events = []
    drawn = drive(denoise(project), events.append)
    assert {event.stage for event in events if isinstance(event, Progress)} == {"prepare", "decode"}
    record = project.records[0]
    assert (drawn.voxel_size, drawn.unit, drawn.origin) == (record.voxel_size, record.unit, record.origin)
    values, given = read(drawn), project.specimens[0].volume.read(Box.whole(record.shape))
    assert (values.dtype, values.shape) == (np.float32, given.shape)
    assert np.isfinite(values).all()
    region = project.specimens[0].region
    inside = values[:, *region.slices]
    for channel, before in zip(inside, given, strict=True):
        mean = np.nanmean(before[region.slices])
        assert abs(channel.mean() - mean) < 0.2 * abs(mean)
        assert channel.std() > 0.01
    outside = np.asarray(project.leaves[0][:, :, :]) == 0
    assert outside[10, 10, 10]
    assert all(len(np.unique(channel[outside])) == 1 for channel in values)


def test_what_was_drawn_is_kept_until_something_else_is_learned(project):
    first = read(quietly(denoise(project)))
    events = []
    again = drive(denoise(Project.open(project.path)), events.append)
    assert events == []
    np.testing.assert_array_equal(read(again), first)
    quietly(pipeline.learn(project, fresh=False))
    assert stored_view(project, DENOISED) is None
    assert not np.array_equal(read(quietly(denoise(project))), first)


def test_components_are_ordered_and_fewer_of_them_are_there_at_once(project):
    three = read(quietly(components(project, 3)))
    inside = three[:, *project.specimens[0].region.slices]
    spread = inside.std(axis=(1, 2, 3))
    assert (np.diff(spread) <= 0).all()
    assert spread[0] > 0
    np.testing.assert_allclose(inside.mean(axis=(1, 2, 3)), 0, atol=0.2 * spread[0])
    assert not three[:, 20:].any(), "0 where nothing counts"
    events = []
    np.testing.assert_array_equal(read(drive(components(project, 2), events.append)), three[:2])
    assert events == []


@pytest.mark.parametrize("count", [0, -1, 4, 1000])
def test_components_that_are_not_there_are_refused(project, count):
    events = []
    with pytest.raises(SettingError, match=r"ask for (fewer|at least 1)"):
        drive(components(project, count), events.append)
    assert {event.stage for event in events} <= {"prepare"}, "before the work"
    assert not list(project.store.latent_views.glob("*"))


def test_regions_are_drawn_in_the_grey_value_of_their_centre(project):
    project.set_regions(5)
    drawn = quietly(reconstruct(project))
    labels = np.asarray(project.label_image().data[:, :, :])
    values = read(drawn)
    per_region = [np.unique(values[0][labels == region]) for region in range(6)]
    assert all(len(found) == 1 for found in per_region)
    assert len(np.unique(np.concatenate(per_region[1:]))) > 1
    finest = read(quietly(reconstruct(project, project.cut(12))))
    of_points = quietly(reconstruct_points(project, project.hierarchy.points))
    leaves = np.asarray(project.leaves[0][:, :, :])
    np.testing.assert_allclose(finest[:, leaves > 0], of_points[leaves[leaves > 0] - 1].T, rtol=1e-5)
    events = []
    drive(reconstruct(project, project.cut(3)), events.append)
    assert events == [], "every node was decoded"


def test_regions_of_another_model_are_not_drawn(project):
    level = project.keep_level("old")
    quietly(pipeline.learn(project, fresh=False))
    with pytest.raises(ProjectError, match="make them again"):
        quietly(reconstruct(project))
    quietly(pipeline.segment(project))
    project.reload()
    with pytest.raises(ProjectError, match="old was kept from earlier regions"):
        quietly(reconstruct(project, level))
    quietly(reconstruct(project))


@pytest.mark.parametrize("points", [np.zeros((3, 2)), np.zeros(3), np.full((2, 3), np.nan)])
def test_points_of_another_space_are_refused(project, points):
    with pytest.raises(SettingError, match="rows of 3 finite numbers"):
        quietly(reconstruct_points(project, points))


@pytest.mark.parametrize("name", [DENOISED, "components"])
def test_a_drawing_that_is_cancelled_leaves_the_last_one(project, name):
    draw = LATENT_VIEWS[name].draw
    before = read(quietly(draw(project, ViewRequest())))
    quietly(pipeline.learn(project, fresh=False))
    job = draw(project, ViewRequest())
    for event in job:
        if event.stage == "decode" and event.step >= 0:
            break
    assert [folder.name for folder in project.store.latent_views.iterdir() if folder.name.endswith(".part")]
    job.close()
    assert [folder.name for folder in project.store.latent_views.iterdir()] == [f"{name}-0"]
    folder = project.store.latent_views / f"{name}-0"
    np.testing.assert_array_equal(np.asarray(zarr.open_array(folder / "0.zarr", mode="r")[:]), before[0])


def test_several_specimens_are_drawn_one_by_one_along_the_same_directions(tmp_path, grey):
    volume = Volume((grey,), name="a")
    project = make(tmp_path / "two.hypseg", [Specimen(volume), Specimen(replace(volume, name="b"))])
    first, second = (read(quietly(components(project, 2, specimen))) for specimen in (0, 1))
    np.testing.assert_allclose(first, second, atol=1e-5)
    with pytest.raises(HypsegError, match="no specimen 2"):
        quietly(denoise(project, 2))


@pytest.mark.parametrize("name", list(LATENT_VIEWS))
def test_nothing_is_drawn_before_something_was_learned(tmp_path, grey, name):
    project = Project.create(tmp_path / "p", [Specimen(Volume((grey,)))], settings())
    with pytest.raises(ProjectError, match="train"):
        quietly(LATENT_VIEWS[name].draw(project, ViewRequest()))


def test_a_method_without_a_decoder_says_so(project, monkeypatch):
    from napari_hypseg.nn.model import DenseModel
    from napari_hypseg.nn.vae import VAE

    monkeypatch.setattr(VAE, "decoder_radius", DenseModel.decoder_radius)
    for draw in (denoise, reconstruct):
        with pytest.raises(HypsegError, match="no decoder"):
            quietly(draw(project))
    quietly(components(project))


def test_a_full_disk_is_one_sentence(project, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zarr.create_array", full)
    for name in LATENT_VIEWS:
        with pytest.raises(OutputError, match="the disk is full"):
            quietly(LATENT_VIEWS[name].draw(project, ViewRequest()))
    assert not list(project.store.latent_views.iterdir())


def test_overwriting_a_project_takes_its_pictures_along(project, grey):
    quietly(denoise(project))
    again = Project.create(project.path, [Specimen(Volume((grey,)))], settings(steps=1), True, holder=project)
    assert stored_view(again, DENOISED) is None
    quietly(pipeline.learn(again))
    quietly(pipeline.segment(again))
    again.reload()
    again.forget_unused()
    assert not list(project.store.latent_views.iterdir())


@pytest.mark.parametrize("method", [name for name, one in methods().items() if one.classes is no_classes])
def test_what_every_method_learns_can_be_seen(tmp_path, method):
    grey = np.asarray(phantom((16, 17, 18), seed=1).volume.channels[0])
    chosen = {"method": method, "training": {"steps": 1, "crop": 12, "batch": 1}, "leaves": {"leaves": 6}}
    box = Box((5, 5, 5), (11, 10, 11))
    project = make(tmp_path / "p", [Specimen(Volume((grey,)), box=box)], RunSettings.check(chosen))
    for name in LATENT_VIEWS:
        values = read(quietly(LATENT_VIEWS[name].draw(project, ViewRequest(count=2))))[:, *box.slices]
        assert np.isfinite(values).all()
        assert values.std(axis=(1, 2, 3)).min() > 0


@pytest.mark.slow
def test_denoising_comes_nearer_to_the_clean_phantom_than_what_was_given(tmp_path):
    noisy, clean = (np.asarray(phantom((40, 40, 40), seed=3, noise=level).volume.channels[0]) for level in (0.5, 0.01))
    assert np.abs(noisy - clean).mean() > 0.2
    project = Project.create(
        tmp_path / "p",
        [Specimen(Volume((noisy,)))],
        RunSettings.check({"model": {"width": 8}, "training": {"steps": 60, "crop": 24, "batch": 2}}),
    )
    quietly(pipeline.learn(project))
    drawn = read(quietly(denoise(project)))[0]
    before, after = (np.sqrt(np.mean((volume - clean) ** 2)) for volume in (noisy, drawn))
    assert after < 0.5 * before
