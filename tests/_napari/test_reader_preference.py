"""Which files open without a question after this plugin was used."""

import os

import pytest
from napari.plugins.utils import get_preferred_reader
from napari.settings import get_settings
from npe2 import DynamicPlugin, PluginManager

from napari_hypseg._napari.plugin_preference import PLUGIN, prefer_reader


@pytest.fixture
def settings():
    plugins = get_settings().plugins
    before = plugins.extension2reader
    plugins.extension2reader = {}
    yield plugins
    plugins.extension2reader = before


@pytest.fixture
def files(tmp_path):
    """A file or folder of each kind that napari would ask about."""
    for folder in ("one.hypseg", "one.zarr", "one.ome.zarr"):
        (tmp_path / folder).mkdir()
    for name in ("one.tif", "one.ome.tiff", "one.nii.gz", "one.npy", "one.png"):
        (tmp_path / name).touch()
    return sorted(tmp_path.iterdir())


def test_our_files_open_with_our_reader_and_others_as_ever(viewer, settings, files):
    prefer_reader()
    readers = {path.name: get_preferred_reader(path) for path in files}
    assert readers.pop("one.png") is None
    assert set(readers.values()) == {PLUGIN}


def test_a_dropped_project_opens_without_a_question(viewer, settings, project):
    prefer_reader()
    assert [layer.name for layer in viewer.open(project.path, plugin=None)] == ["tomo", "coarse", "regions"]


@pytest.mark.usefixtures("viewer")
def test_what_a_person_has_chosen_stays(settings, files):
    settings.extension2reader = {"*.tif": "napari", f"*.zarr{os.sep}": "somebody"}
    prefer_reader()
    chosen = {path.name: get_preferred_reader(path) for path in files}
    assert (chosen["one.tif"], chosen["one.zarr"], chosen["one.hypseg"]) == ("napari", "somebody", PLUGIN)
    settings.extension2reader = {
        pattern: reader for pattern, reader in settings.extension2reader.items() if pattern != "*.npy"
    }
    prefer_reader()
    assert "*.npy" not in settings.extension2reader


@pytest.mark.usefixtures("viewer")
def test_where_another_plugin_reads_the_same_files_napari_goes_on_asking(settings, files):
    with DynamicPlugin("other", plugin_manager=PluginManager.instance()) as other:

        @other.contribute.reader(filename_patterns=["*.nii.gz"])
        def read_nifti(path):
            return None

        prefer_reader()
    chosen = {path.name: get_preferred_reader(path) for path in files}
    assert (chosen["one.nii.gz"], chosen["one.tif"]) == (None, PLUGIN)
