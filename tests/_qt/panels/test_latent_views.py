"""LatentViewController what was learned, from the window: what the button adds, where, and the way out."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

PATIENCE = 30_000


def pretend_model(project, weight):
    """A checkpoint of one weight."""
    metadata = {"hypseg": json.dumps({"project": project.store.identity})}
    save_file({"weight": np.full(1, weight, np.float32)}, project.store.checkpoint_file, metadata)


@pytest.fixture
def seen(qtbot, dock, viewer, older):
    """The dock with a project that has regions and, so it seems, a model."""
    pretend_model(older, 0)
    viewer.layers.clear()
    viewer.open(older.path, plugin="napari-hypseg")
    qtbot.waitUntil(lambda: dock.model.project is not None)
    return dock


@pytest.fixture
def show(qtbot, seen, told):
    """Function that chooses a picture, presses Show and waits until it is shown."""

    def press(title):
        panel, before = seen.explore.latent_views, len(told())
        panel.picture.setCurrentIndex(panel.picture.findText(title))
        panel.show_button.click()
        qtbot.waitUntil(
            lambda: any(line.startswith("Now under the regions") for line in told()[before:]), timeout=PATIENCE
        )

    return press


def test_a_denoised_volume_lies_over_the_volume_and_under_the_regions(seen, viewer, show, told):
    show("Denoised volume")
    assert [layer.name for layer in viewer.layers] == ["older", "denoised", "coarse", "regions"]
    denoised, given = viewer.layers["denoised"], viewer.layers["older"]
    np.testing.assert_allclose(denoised.scale, given.scale)
    np.testing.assert_allclose(denoised.translate, given.translate)
    assert denoised.units == given.units
    low, high = np.percentile(np.asarray(denoised.data), [2, 98])
    assert denoised.contrast_limits[0] < low
    assert denoised.contrast_limits[1] > high
    assert told()[-1] == "Now under the regions: denoised volume."
    assert "denoised" not in [seen.choose.layers.item(row).text() for row in range(seen.choose.layers.count())]


def test_components_make_one_picture_in_three_colours(seen, viewer, show):
    seen.explore.latent_views.count.setValue(4)
    show("Latent components")
    found = [layer for layer in viewer.layers if layer.name.startswith("latent")]
    assert [layer.colormap.name for layer in found] == ["red", "green", "blue", "gray"]
    assert [layer.visible for layer in found] == [True, True, True, False]
    assert [layer.blending for layer in found] == ["translucent", "additive", "additive", "translucent"]
    seen.explore.latent_views.count.setValue(2)
    show("Latent components")
    again = [layer for layer in viewer.layers if layer.name.startswith("latent")]
    assert again == found, "layers are used again"
    assert [layer.visible for layer in again] == [True, True, False, False]


def test_regions_as_learned_are_those_the_slider_shows(seen, viewer, show):
    for regions in (3, 7):
        seen.explore.slider.setValue(regions)
        show("Regions as learned")
        layer = viewer.layers["regions as learned"]
        drawn = np.asarray(layer.data)
        assert drawn.dtype == np.float32
        assert len(np.unique(drawn)) == regions
        labels = np.asarray(seen.model.project.label_image().data[:, :, :])
        assert all(len(np.unique(drawn[labels == region])) == 1 for region in np.unique(labels))
    assert sum(layer.name == "regions as learned" for layer in viewer.layers) == 1


def test_one_picture_is_shown_in_place_of_another(seen, viewer, show):
    for title, shown in (("Denoised volume", "denoised"), ("Regions as learned", "regions as learned")) * 2:
        show(title)
        pictures = [layer for layer in viewer.layers if layer.name in ("denoised", "regions as learned")]
        assert [layer.name for layer in pictures if layer.visible] == [shown]
    assert viewer.layers["older"].visible
    assert viewer.layers["regions"].visible


def test_pictures_come_back_hidden_with_their_project(seen, viewer, show):
    show("Denoised volume")
    viewer.layers.clear()
    viewer.open(seen.model.project.path, plugin="napari-hypseg")
    assert not viewer.layers["denoised"].visible
    pretend_model(seen.model.project, 1)
    viewer.layers.clear()
    viewer.open(seen.model.project.path, plugin="napari-hypseg")
    assert "denoised" not in viewer.layers, "it is not what was learned last"


def test_a_corrected_voxel_size_holds_for_pictures_too(seen, viewer, show):
    show("Denoised volume")
    seen.workspace.projects.correct_voxel_size([viewer.layers["older"]], (3.0, 2.0, 1.0), "nanometer")
    np.testing.assert_allclose(viewer.layers["denoised"].scale, (3, 2, 1))
    assert viewer.layers["denoised"].units == viewer.layers["older"].units


def test_drawing_can_be_paused_and_cancelled_and_keeps_others_waiting(qtbot, seen, viewer):
    panel = seen.explore.latent_views
    panel.picture.setCurrentIndex(1)
    panel.count.setValue(64)
    panel.show_button.click()
    qtbot.waitUntil(lambda: "left" in panel.job.progress.status.text(), timeout=PATIENCE)
    assert not panel.show_button.isEnabled()
    assert "being drawn" in seen.learn.train.toolTip()
    panel.job.pause.click()
    assert panel.job.pause.text() == "Resume"
    panel.job.pause.click()
    panel.job.cancel.click()
    qtbot.waitUntil(lambda: seen.activity.kind is None, timeout=PATIENCE)
    assert not any(layer.name.startswith("latent") for layer in viewer.layers)
    assert panel.job.progress.status.text() == ""
    assert panel.show_button.isEnabled()


def test_what_does_nothing_is_off_and_says_why(dock, older, seen):
    panel = seen.explore.latent_views
    assert "only one specimen" in panel.specimen.toolTip()
    assert "only latent components" in panel.count.toolTip()
    assert "nothing is being drawn" in panel.job.cancel.toolTip()
    (older.path / "checkpoint.safetensors").unlink()
    panel.refresh()
    assert not panel.show_button.isEnabled()
    assert "train first" in panel.show_button.toolTip()
