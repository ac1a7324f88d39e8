"""A dock in a real window whose jobs do not learn."""

import gc
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from napari.utils.notifications import notification_manager
from qtpy.compat import isalive

from tests._qt.job_thread import JobThread

PATIENCE = 60_000


@pytest.fixture
def told():
    """Sentences shown to the person during the test."""
    before = len(notification_manager.records)
    return lambda: [record.message for record in notification_manager.records[before:]]


@pytest.fixture
def fakes(monkeypatch):
    """Let the window's jobs be those in this folder that do not learn, on threads; gives the name of their module."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.setattr("napari_hypseg._qt.jobs.job_runner.QProcess", JobThread)
    for module in ("activity", "workspace"):  # what was frozen before the tests stays frozen
        monkeypatch.setattr(f"napari_hypseg._qt.{module}.gc", SimpleNamespace(freeze=int, unfreeze=int))
    return "fake_project_jobs"


@pytest.fixture(scope="module", autouse=True)
def forgotten_windows(qapp):
    """Windows of another module that Python has not swept away yet are not counted as left by this one."""
    from napari._qt.qt_viewer import QtViewer

    if not gc.get_freeze_count():  # a window has let Python search all that was imported again
        gc.collect()
        gc.freeze()
    gc.collect()
    QtViewer._instances.clear()


@pytest.fixture(scope="module")
def application():
    """A registry of napari's commands for one module; windows of single tests have one each, and forget all others."""
    from napari._app_model._app import NapariApplication, _napari_names
    from napari._qt._qapp_model.qactions import init_qactions
    from napari.plugins import _initialize_plugins

    def forget():
        init_qactions.cache_clear()
        _initialize_plugins.cache_clear()

    forget()
    made = NapariApplication("shared_window")
    made.injection_store.namespace = _napari_names
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NapariApplication, "get_app_model", lambda *_: made)
        yield made
    NapariApplication.destroy("shared_window")
    forget()


@pytest.fixture(scope="module")
def shared_window(qapp, application):
    """One window for all tests of a module; making and sweeping away one takes longer than most tests.

    It is never drawn, so that nothing of OpenGL has to be found among Python's garbage before a layer goes: napari
    searches all of it, which takes half a second.
    """
    from napari import Viewer
    from napari._qt.qt_viewer import QtViewer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("napari._qt.threads.status_checker.StatusChecker.start", lambda checker: None)
        patch.setattr("napari._vispy.canvas.gc", SimpleNamespace(collect=lambda: gc.collect(0)))
        viewer = Viewer(show=False, show_welcome_screen=False)
        patch.setattr(viewer.window._qt_window, "_save_current_window_settings", lambda: None)
        yield viewer
        viewer.close()
    del viewer
    gc.collect()
    QtViewer._instances.clear()


@pytest.fixture
def viewer(shared_window):
    """The window with a volume in it; where a module's tests show or resize theirs, it has one for each."""
    add_volume(shared_window)
    yield shared_window
    shared_window.layers.clear()
    shared_window.dims.ndisplay = 2
    shared_window.theme = "dark"


@pytest.fixture
def own_window(make_napari_viewer):
    """A window of the test's own, in sight, with a volume in it; what is drawn and clicked in it is real."""
    viewer = make_napari_viewer(show=True)
    viewer.window._qt_window.resize(1200, 800)
    add_volume(viewer, rows=24)
    return viewer


@pytest.fixture
def hidden_window(make_napari_viewer):
    """A window of the test's own, which it may show and resize, with a volume in it."""
    viewer = make_napari_viewer()
    add_volume(viewer)
    return viewer


def add_volume(viewer, rows=20):
    """Add noise as a volume called "tomo"."""
    grey = np.random.default_rng(0).normal(size=(10, rows, 36)).astype(np.float32)
    viewer.add_image(grey, name="tomo", scale=(8, 8, 8), units=("angstrom",) * 3)


@pytest.fixture
def dock(viewer, fakes, tmp_path):
    """The dock, set to keep its project in the test's folder and to learn for three steps."""
    from napari_hypseg._qt.dock import HypsegDock

    dock = HypsegDock(viewer, fakes)
    viewer.window.add_dock_widget(dock, name="Hypseg")
    dock.specimens.set_project_folder(tmp_path / "tomo.hypseg")
    setting(dock, "steps").set(3)
    yield dock
    dock.workspace.shut_down()
    dock.activity.end()  # napari's window is not to wait for it
    if isalive(dock):  # a test may have closed the window
        if dock.parent() is not None:
            viewer.window.remove_dock_widget(dock)
        dock.deleteLater()


def setting(dock, name):
    """The editor of a setting, wherever in the form it is."""
    forms = [form for forms in dock.learn.form.forms.values() for form in forms]
    return next(form.editors[name] for form in forms if name in form.editors)


@pytest.fixture
def train(qtbot, dock):
    """Function that presses Train and waits until nothing is under way."""

    def press():
        dock.learn.train.click()
        qtbot.waitUntil(lambda: dock.activity.kind is None, timeout=PATIENCE)

    return press


@pytest.fixture
def learning(qtbot, dock):
    """The dock while something is being learned that ends only when told."""
    setting(dock, "steps").set(None)
    dock.learn.train.click()
    qtbot.waitUntil(lambda: "left" in dock.learn.job.progress.status.text(), timeout=PATIENCE)
    return dock


@pytest.fixture
def older(tmp_path, fakes):
    """A segmented project in the way, its slider at 5 and a level kept."""
    from fake_project_jobs import segment

    from napari_hypseg.jobs import quietly
    from napari_hypseg.project.project import Project
    from napari_hypseg.project.run_settings import RunSettings
    from napari_hypseg.volumes import Specimen, Volume

    grey = np.random.default_rng(1).normal(size=(6, 12, 24)).astype(np.float32)
    settings = RunSettings.check({"training": {"seed": 7}})
    project = Project.create(tmp_path / "tomo.hypseg", [Specimen(Volume((grey,), name="older"))], settings)
    quietly(segment(None, project.path))
    project.store.write_json(project.store.training_file, {"seconds": 21, "device": "cpu", "history": []})
    project.reload()
    project.set_regions(5)
    project.keep_level("coarse", project.cut(2))
    project.save()
    project.close()
    return project
