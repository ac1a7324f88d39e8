"""`--voxel-size`, and the place of masks, boxes and truths beside what it corrects."""

import json
from pathlib import Path
from types import SimpleNamespace

import mrcfile
import nibabel
import numpy as np
import pytest
import tifffile
from scipy import ndimage

from napari_hypseg._napari.metadata_keys import VOXEL_SIZE_DOUBT
from napari_hypseg._napari.reader import open_layers
from napari_hypseg.cli.commands.score import _on_grid
from napari_hypseg.cli.main import main
from napari_hypseg.cli.parsing.batch import open_scans
from napari_hypseg.cli.parsing.specimens import notes_of, open_specimens
from napari_hypseg.errors import InputError, SettingError
from napari_hypseg.io.voxel_size import parse_voxel_size
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings

SHAPE = (12, 14, 16)
GREY = np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)


def tiff(path: Path, data: np.ndarray = GREY) -> str:
    tifffile.imwrite(path, data)
    return str(path)


def mrc(path: Path, size: float, data: np.ndarray = GREY) -> str:
    with mrcfile.new(path, data) as file:
        file.voxel_size = size
    return str(path)


def nifti(path: Path, data: np.ndarray = GREY, flip: bool = False) -> str:
    image = nibabel.Nifti1Image(data.T, np.diag([1.0, 1.0, 2.0, 1.0]))
    nibabel.save(image.as_reoriented(np.array([[0, -1], [1, 1], [2, 1]])) if flip else image, path)
    return str(path)


@pytest.mark.parametrize(
    ("text", "size", "unit"),
    [
        ("50,4.6,4.6nm", (50.0, 4.6, 4.6), "nanometer"),
        (" 50, 4.6, 4.6 nm ", (50.0, 4.6, 4.6), "nanometer"),
        ("10Å", (10.0, 10.0, 10.0), "angstrom"),
        ("1.5e-1um", (0.15, 0.15, 0.15), "micrometer"),
        ("4,1,1px", (4.0, 1.0, 1.0), "pixel"),
    ],
)
def test_what_is_a_voxel_size(text, size, unit):
    assert parse_voxel_size(text) == (size, unit)


@pytest.mark.parametrize(
    "text", ["50", "50,4.6nm", "a,b,cnm", "0,1,1nm", "nm", "-4nm", "50;4;4nm", "4lightfoot", "1,1,1e9nm"]
)
def test_what_is_none(text):
    with pytest.raises(SettingError, match="voxel size"):
        parse_voxel_size(text)


def test_what_the_file_does_not_say_is_said(tmp_path):
    texts = [tiff(tmp_path / "a.tif"), tiff(tmp_path / "b.tif")]
    one, two = open_specimens(texts, [], [], ["50,4.6,4.6nm"])
    assert (one.volume.voxel_size, one.volume.unit) == ((50.0, 4.6, 4.6), "nanometer")
    assert two.volume.voxel_size == one.volume.voxel_size
    assert notes_of([one, two]) == ()
    one, two = open_specimens(texts, [], [], ["50,4.6,4.6nm", "10nm"])
    assert two.volume.voxel_size == (10.0, 10.0, 10.0)
    with pytest.raises(SettingError, match=r"--voxel-size is given 3 times"):
        open_specimens(texts, [], [], ["1nm"] * 3)


def test_a_mask_and_a_box_of_the_file_as_it_was_still_fit(tmp_path):
    tomogram, mask = mrc(tmp_path / "t.mrc", 4.0), mrc(tmp_path / "m.mrc", 4.0, (GREY > 0).astype(np.int8))
    box = tmp_path / "box.json"
    made_for = {"shape": SHAPE, "voxel_size": [4.0] * 3, "unit": "angstrom", "origin": [0.0] * 3, "direction": None}
    box.write_text(json.dumps({"start": [1, 1, 1], "stop": [9, 9, 9], **made_for}))
    (specimen,) = open_specimens([tomogram], [mask], [str(box)], ["13.5Å"])
    assert specimen.volume.voxel_size == specimen.mask.voxel_size == (13.5,) * 3
    assert specimen.region.shape == (8, 8, 8)
    project = Project.create(tmp_path / "p.hypseg", [specimen], RunSettings())
    (again,) = Project.open(project.path).specimens
    assert again.volume.voxel_size == (13.5,) * 3
    with pytest.raises(InputError, match="m has voxels of 4 × 4 × 4 Å"):
        open_specimens([mrc(tmp_path / "other.mrc", 8.0)], [mask], [], ["13.5Å"])


def test_info_shows_it(tmp_path, capsys):
    assert main(["info", tiff(tmp_path / "a.tif"), "--voxel-size", "50,4.6,4.6nm", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["voxel_size"], facts["unit"]) == ([50.0, 4.6, 4.6], "nanometer")
    assert main(["info", str(tmp_path / "a.tif"), "--voxel-size", "50"]) == 2


def test_going_on_keeps_a_corrected_size(project, tiny, capsys):
    words = ["run", "--resume", "--out", str(project), "--voxel-size", "30,10,10Å", "--json"]
    assert main(words) == 0
    record = Project.open(project).records[0]
    assert (record.voxel_size, record.unit) == ((30.0, 10.0, 10.0), "angstrom")


def test_a_truth_is_read_in_the_voxels_of_the_project(tmp_path):
    notes = list[str]()
    quiet = SimpleNamespace(note=notes.append)
    labels = (GREY > 0).astype(np.int16)
    specimens = open_specimens([nifti(tmp_path / "head.nii")], [], [])
    project = Project.create(tmp_path / "p.hypseg", specimens, RunSettings())
    turned = _on_grid(nifti(tmp_path / "truth.nii", labels, flip=True), project, 0, quiet)
    np.testing.assert_array_equal(np.asarray(turned), labels)
    assert any("exchanged or reversed" in note for note in notes)
    plain = _on_grid(tiff(tmp_path / "truth.tif", labels), project, 0, quiet)
    np.testing.assert_array_equal(np.asarray(plain), labels)
    with pytest.raises(InputError, match="truth has voxels of 5 × 5 × 5 Å"):
        _on_grid(mrc(tmp_path / "truth.mrc", 5.0, labels), project, 0, quiet)


def test_a_truth_of_the_size_before_or_after_a_correction_fits(tmp_path):
    quiet = SimpleNamespace(note=lambda note: None)
    labels = (GREY > 0).astype(np.int16)
    specimens = open_specimens([mrc(tmp_path / "t.mrc", 4.0)], [], [], ["13.5Å"])
    project = Project.create(tmp_path / "p.hypseg", specimens, RunSettings())
    for size in (4.0, 13.5):
        path = mrc(tmp_path / f"truth{size}.mrc", size, labels)
        np.testing.assert_array_equal(np.asarray(_on_grid(path, project, 0, quiet)), labels)


def test_thick_sections_are_noticed_until_their_size_is_given(tmp_path, capsys):
    smooth = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=(160, 64, 64)), 3)[::5]
    path = tiff(tmp_path / "sections.tif", smooth.astype(np.float32))
    for words, noticed in (["info", path], True), (["info", path, "--voxel-size", "50,10,10nm"], False):
        assert main([*words, "--json"]) == 0
        assert any("faster along z" in note for note in json.loads(capsys.readouterr().out)["notes"]) == noticed
    assert any("faster along z" in note for note in notes_of(open_specimens([path], [], [])))
    ((scan,), _) = open_scans([path])
    assert any("faster along z" in note for note in scan.volume.notes)
    (((_, keywords, _),), _) = open_layers([Path(path)])
    assert "faster along z" in keywords["metadata"][VOXEL_SIZE_DOUBT]
