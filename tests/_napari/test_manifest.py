"""The manifest says the same as the code."""

from pathlib import Path

import pytest
from npe2 import PluginManifest

import napari_hypseg
from napari_hypseg._napari.reader import PICKS
from napari_hypseg.io.registry import label_formats, readable_suffixes


@pytest.fixture(scope="module")
def manifest():
    return PluginManifest.from_file(Path(napari_hypseg.__file__).with_name("napari.yaml"))


def test_every_ending_that_can_be_read_is_offered(manifest):
    (reader,) = manifest.contributions.readers
    assert set(reader.filename_patterns) == {f"*{suffix}" for suffix in (*readable_suffixes(), *PICKS, ".hypseg")}
    assert reader.accepts_directories


def test_every_format_that_can_be_written_is_offered(manifest):
    for kind in ("image", "labels"):
        writers = [writer for writer in manifest.contributions.writers if writer.layer_types == [kind]]
        offered = {writer.display_name: tuple(writer.filename_extensions) for writer in writers}
        assert offered == {form.title: form.written for form in label_formats()}
        assert writers[0].display_name == "TIFF stack"
        formats = {form.title: form.name.replace("-", "_") for form in label_formats()}
        assert all(writer.command.endswith(f"{kind}_{formats[writer.display_name]}") for writer in writers)


def test_every_command_leads_somewhere(manifest):
    package = Path(napari_hypseg.__file__).parent
    for command in manifest.contributions.commands:
        module, _, name = command.python_name.partition(":")
        source = package.joinpath(*module.split(".")[1:]).with_suffix(".py")
        assert source.exists(), command.python_name
        words = (f"def {name}(", f"class {name}", f"{name} = partial(")
        assert any(word in source.read_text() for word in words), command.python_name


def test_every_contribution_uses_a_command_there_is(manifest):
    known = {command.id for command in manifest.contributions.commands}
    parts = manifest.contributions
    used = [*parts.readers, *parts.writers, *parts.widgets, *parts.sample_data]
    used += [item for items in parts.menus.values() for item in items]
    assert {item.command for item in used} == known


def test_several_layers_get_the_endings_of_one(manifest):
    (several,) = (writer for writer in manifest.contributions.writers if len(writer.layer_types) > 1)
    endings = {ending for form in label_formats() for ending in form.written}
    assert set(several.filename_extensions) == endings
