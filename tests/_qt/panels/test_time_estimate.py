from pathlib import Path

import numpy as np
import pytest

from napari_hypseg._napari.metadata_keys import (
    BINNING,
    CHANNEL,
    DIRECTION,
    ORIGINALS,
    PROJECT,
    SOURCE,
    SPECIMEN,
    VOLUME_METADATA,
)
from napari_hypseg._napari.volume_from_layers import volume_from_layers
from napari_hypseg._qt.layers.half_resolution import half_layer
from napari_hypseg._qt.panels.time_estimate import Estimate
from napari_hypseg.pipeline.speed import Speed

PATIENCE = 60_000
SHAPE = (10, 20, 36)


def test_the_whole_time_is_said():
    estimate = Estimate(120.0, 10.0, Speed(2.0, 1e-4), 2_880_000)
    parts = "(2 min learning, 5 min making regions)"
    assert estimate.sentence() == f"First regions within seconds, learned ones in about 7 min {parts}."
    assert not estimate.is_long
    longer = Estimate(120.0, 10.0, Speed(2.0, 1e-4), 20_000_000)
    assert longer.is_long
    assert longer.sentence().startswith("⚠ First regions within seconds, learned ones in about 36 min")
    assert longer.offer() == "Work at half resolution: regions in about 4 min"


def test_what_is_not_known_is_not_promised():
    assert "being measured" in Estimate(60.0, 0.0, None, 1000).sentence()
    assert Estimate(None, 0.0, Speed(2.0, 1e-3), 1000).sentence() == (
        "After the steps of learning, making regions takes about 3 s."
    )


@pytest.fixture
def timed(qtbot, dock):
    """The dock when it knows how fast regions are made: 1 ms a voxel."""
    dock.workspace.speed.ask_device()
    qtbot.waitUntil(lambda: dock.workspace.speed.speed("hyperbolic") is not None, timeout=PATIENCE)
    return dock


def test_the_time_is_in_sight_before_train_is_pressed(qtbot, timed):
    forms = [form for forms in timed.learn.form.forms.values() for form in forms]
    next(form.editors["steps"] for form in forms if "steps" in form.editors).set(None)
    text = timed.learn.time.text()
    assert "(60 s learning" in text
    assert not timed.learn.time.isHidden()
    timed.choose.box.setText("0:5,0:20,0:36")
    timed.choose.choice()
    assert timed.learn.time.text() != text, "half the voxels take half the time"


def test_half_resolution_is_offered_where_it_is_long_and_lies_in_the_same_place(qtbot, timed, viewer):
    volume = viewer.layers["tomo"]
    volume.translate = (80, 0, 0)
    timed.choose.box.setText("2:8,4:20,6:36")
    timed.choose.choice()
    timed.workspace.speed._speeds["hyperbolic"] = Speed(2.0, 1.0)
    timed.workspace.speed.changed.emit()
    assert not timed.learn.half.isHidden()
    timed.learn.half.click()
    qtbot.waitUntil(lambda: "tomo (half)" in viewer.layers, timeout=PATIENCE)
    half = viewer.layers["tomo (half)"]
    assert half.data.shape == (5, 10, 18)
    np.testing.assert_allclose(half.data[1, 2, 3], volume.data[2:4, 4:6, 6:8].mean(), rtol=1e-4)
    for corner in ((-0.5, -0.5, -0.5), (1.5, 2.5, 3.5)):
        fine = 2 * np.array(corner) + 0.5
        np.testing.assert_allclose(half.data_to_world(corner), volume.data_to_world(fine))
    qtbot.waitUntil(lambda: timed.specimens.ticked == [half], timeout=PATIENCE)
    (specimen,) = timed.choose.choice().specimens
    assert (specimen.volume.voxel_size, str(specimen.box)) == ((16, 16, 16), "1:4,2:10,3:18")


def test_a_half_layer_remembers_its_file_and_nothing_of_the_project_it_was_shown_by(viewer):
    volume = viewer.layers["tomo"]
    kept = {CHANNEL: (0, 2), DIRECTION: None, VOLUME_METADATA: {"key": 1}}
    volume.metadata = {SOURCE: ("/a.mrc",), PROJECT: "/p.hypseg", SPECIMEN: 0, **kept}
    half = half_layer(volume, np.zeros((5, 10, 18), np.float32))
    assert half.metadata == {ORIGINALS: ("/a.mrc",), BINNING: (2, 2, 2), **kept}
    quarter = half_layer(half, np.zeros((2, 5, 9), np.float32))
    assert quarter.metadata == {ORIGINALS: ("/a.mrc",), BINNING: (4, 4, 4), **kept}
    made = volume_from_layers([quarter])
    assert (made.originals, made.binning, made.sources) == ((Path("/a.mrc"),), (4, 4, 4), ())


def test_a_rotated_layer_stays_where_it_is(viewer):
    volume = viewer.layers["tomo"]
    volume.rotate = (0, 0, 90)
    half = half_layer(volume, np.zeros((5, 10, 18), np.float32))
    for corner in ((-0.5, -0.5, -0.5), (1.5, 2.5, 3.5)):
        np.testing.assert_allclose(half.data_to_world(corner), volume.data_to_world(2 * np.array(corner) + 0.5))
