"""No command writes over what it reads, whatever it is told to replace."""

import shutil
from pathlib import Path

import mrcfile
import numpy as np
import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.io.opening import open_volume
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes import Specimen


@pytest.fixture
def segmented(kept: Path, tmp_path: Path) -> Path:
    """A segmented project of two specimens and a mask, whose files may be changed."""
    names = ("tomogram.mrc", "other.mrc")
    for name in names:
        shutil.copy(kept / "tomogram.mrc", tmp_path / name)
    mrcfile.write(tmp_path / "mask.mrc", np.ones((20, 22, 24), np.int8))
    mask = open_volume(tmp_path / "mask.mrc")
    specimens = [Specimen(open_volume(tmp_path / name), mask) for name in names]
    made = Project.create(tmp_path / "both.hypseg", specimens, RunSettings())
    source = Project.open(kept / "tiny.hypseg")
    shutil.copy(source.store.checkpoint_file, made.store.checkpoint_file)
    leaves = made.store.start_segmentation([record.shape for record in made.records])
    for array in leaves:
        array[:] = np.asarray(source.leaves[0][:])
    made.store.finish_segmentation(source.hierarchies, {})
    return made.path


@pytest.mark.parametrize("target", ["tomogram.mrc", "other.mrc", "mask.mrc", "link.mrc", "both.hypseg/volumes/a.mrc"])
@pytest.mark.parametrize("what", ["labels", "denoised"])
def test_export_never_replaces_what_the_project_was_made_from(target, what, segmented, tmp_path, capsys):
    (tmp_path / "link.mrc").symlink_to(tmp_path / "other.mrc")
    before = {path: path.read_bytes() for path in tmp_path.glob("*.mrc")}
    words = ["export", str(segmented), "--what", what, "--out", str(tmp_path / target), "--overwrite"]
    assert main(words) == 4
    assert "choose another" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.glob("*.mrc")} == before
    assert not (segmented / "volumes").exists()
