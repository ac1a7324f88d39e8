"""How a project is looked at is kept, and not what napari shows once its layers have gone."""

import pytest

from napari_hypseg.project.view_state import ViewState

PATIENCE = 60_000


@pytest.fixture
def opened(qtbot, dock, viewer, older):
    """A project in the window, its view taken up."""
    viewer.layers.clear()
    viewer.open(older.path, plugin="napari-hypseg")
    saving = dock.workspace.view_state
    qtbot.waitUntil(lambda: saving._restored is not None, timeout=PATIENCE)
    return saving


def test_a_viewer_whose_layers_were_taken_away_does_not_change_the_view(dock, viewer, opened):
    viewer.dims.set_point(0, 4.0)
    opened.save()
    assert ViewState.read(dock.model.project).point[0] == 4
    viewer.layers.clear()
    opened.save()
    assert ViewState.read(dock.model.project).point[0] == 4
