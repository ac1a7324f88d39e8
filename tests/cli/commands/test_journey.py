"""Run, export, score and info on a phantom: what they print and what they write."""

import json
import shutil
import subprocess
import sys
from contextlib import closing

import numpy as np
import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.io.opening import open_volume
from napari_hypseg.project.project import Project


@pytest.fixture
def hypseg(capsys):
    """Carry out a command with --json; gives its object, and fails if there is anything else on stdout."""

    def call(*words):
        capsys.readouterr()
        code = main([*map(str, words), "--json"])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        return json.loads(captured.out)

    return call


def test_run_reports_what_it_made(hypseg, tomogram, tiny, tmp_path):
    record = hypseg("run", tomogram, "--out", tmp_path / "new.hypseg", *tiny)
    assert record["project"] == str(tmp_path / "new.hypseg")
    place = {"shape": [20, 22, 24], "voxel_size": [10, 10, 10], "unit": "angstrom"}
    assert record["specimens"] == [{"name": "tomogram", **place, "bin": [1, 1, 1]}]
    assert (record["device"], record["steps"], record["leaves"]) == ("cpu", 1, 8)
    assert {"learn", "encode", "cluster", "tree"} <= record["seconds"].keys()
    assert isinstance(record["first_loss"], float)
    project = Project.open(tmp_path / "new.hypseg")
    assert project.settings.training.steps == 1
    assert project.settings.model == {"width": 4, "latent_dim": 2}
    assert project.damage == ()


def test_run_without_json_says_what_comes_next(tomogram, tiny, tmp_path, capsys):
    assert main(["run", str(tomogram), "--out", str(tmp_path / "new.hypseg"), *tiny]) == 0
    captured = capsys.readouterr()
    assert "8 leaves" in captured.out
    assert "hypseg export" in captured.out
    assert "Learn" in captured.err


def test_box_and_mask_restrict_the_leaves(hypseg, tomogram, tiny, tmp_path):
    mask = np.zeros((20, 22, 24), dtype=np.uint8)
    mask[:, :, 6:] = 1
    np.save(tmp_path / "mask.npy", mask)
    box = tmp_path / "box.json"
    box.write_text(json.dumps({"start": [2, 0, 0], "stop": [18, 20, 24]}))
    hypseg("run", tomogram, "--out", tmp_path / "p.hypseg", "--mask", tmp_path / "mask.npy", "--box", box, *tiny)
    leaves = np.asarray(Project.open(tmp_path / "p.hypseg").leaves[0][:])
    expected = np.zeros(mask.shape, dtype=bool)
    expected[2:18, :20, 6:] = True
    np.testing.assert_array_equal(leaves > 0, expected)


def test_two_specimens_share_a_tree_and_channels_a_grid(hypseg, tomogram, tiny, tmp_path):
    other = tmp_path / "other.mrc"
    shutil.copy(tomogram, other)
    pair = f"{tomogram}+{other}"
    made = hypseg("run", pair, pair, "--out", tmp_path / "p.hypseg", "--box", "0:20,0:22,0:20", *tiny)
    assert len(made["specimens"]) == 2
    exported = hypseg("export", tmp_path / "p.hypseg", "--specimen", 1, "--cut", 3, "--out", tmp_path / "m.tif")
    assert exported["specimen"] == 1
    np.testing.assert_array_equal(
        np.unique(np.asarray(open_volume(tmp_path / "m.tif").channels[0][:, :, :20])), [1, 2, 3]
    )


@pytest.mark.parametrize(
    ("name", "form"), [("m.mrc", None), ("m.tif", "tiff"), ("m.nii.gz", None), ("m", "ome-zarr"), ("m.ome.zarr", None)]
)
def test_export_opens_again_with_the_same_labels_and_place(hypseg, project, tmp_path, name, form):
    chosen = ["--format", form] if form else []
    record = hypseg("export", project, "--cut", 4, "--out", tmp_path / name, *chosen)
    volume = open_volume(record["path"])
    opened = Project.open(project)
    np.testing.assert_array_equal(
        np.asarray(volume.channels[0][:]), np.asarray(opened.label_image(opened.cut(4)).data[:])
    )
    assert record["regions"] == 4
    to_angstrom = {"angstrom": 1.0, "nanometer": 10.0, "micrometer": 1e4, "millimeter": 1e7}[volume.unit]
    np.testing.assert_allclose(np.array(volume.voxel_size) * to_angstrom, 10.0, rtol=1e-5)


def test_export_of_a_kept_level_and_of_where_the_slider_stood(hypseg, project, tmp_path):
    with closing(Project.open(project, write=True)) as opened:
        opened.keep_level("cells", opened.cut(3))
        opened.set_regions(5)
        opened.save()
    assert hypseg("export", project, "--level", "cells", "--out", tmp_path / "a.mrc")["regions"] == 3
    assert hypseg("export", project, "--out", tmp_path / "b.mrc")["regions"] == 5


def test_export_replaces_only_when_asked(hypseg, project, tmp_path, capsys):
    out = tmp_path / "m.mrc"
    hypseg("export", project, "--cut", 2, "--out", out)
    before = out.read_bytes()
    assert main(["export", str(project), "--cut", "3", "--out", str(out)]) == 4
    assert "--overwrite" in capsys.readouterr().err
    assert out.read_bytes() == before
    hypseg("export", project, "--cut", 3, "--out", out, "--overwrite")
    assert out.read_bytes() != before


def test_score_is_the_object_that_is_promised(hypseg, kept):
    truth = kept / "truth.mrc"
    record = hypseg("score", kept / "tiny.hypseg", "--truth", truth, "--cuts", "2,5", "--group", "vesicles=2,4")
    assert record["cuts"].keys() == {"2", "5"}
    cut = record["cuts"]["5"]
    assert cut["per_class"].keys() == {"0", "1", "2", "3", "4", "5"}
    assert cut["matched_dice"] == pytest.approx(np.mean(list(cut["per_class"].values())))
    group = record["groups"]["vesicles"]
    scores = {"best_node_dice", "node", "tree", "best_by_tree", "leaf_union_dice", "clicks_to_85", "dice_after_clicks"}
    assert group.keys() == scores
    assert record["cuts_by_tree"].keys() == group["best_by_tree"].keys() == {"parts", "kinds"}
    assert record["cuts"] == record["cuts_by_tree"][record["tree"]]
    assert 0 < group["best_node_dice"] <= group["leaf_union_dice"] <= 1


def test_score_of_itself_is_one(hypseg, project, tmp_path):
    hypseg("export", project, "--cut", 3, "--out", tmp_path / "m.tif")
    record = hypseg("score", project, "--truth", tmp_path / "m.tif", "--cuts", "3", "--group", "first=1")
    assert record["cuts"]["3"]["matched_dice"] == 1.0
    assert record["groups"]["first"]["best_node_dice"] == 1.0


def test_a_wide_table_loses_no_digit(kept, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert main(["score", str(kept / "tiny.hypseg"), "--truth", str(kept / "truth.mrc")]) == 0
    assert "…" not in capsys.readouterr().out


def test_score_for_people_is_a_table(kept, capsys):
    words = ["score", str(kept / "tiny.hypseg"), "--truth", str(kept / "truth.mrc"), "--group", "vesicles=2,4"]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert "mean" in text
    assert "vesicles" in text


def test_info_of_a_volume(hypseg, tomogram, capsys):
    facts = hypseg("info", tomogram)
    assert facts["shape"] == [20, 22, 24]
    assert facts["voxel_size"] == [10.0, 10.0, 10.0]
    assert facts["unit"] == "angstrom"
    data = np.asarray(open_volume(tomogram).channels[0][:])
    channel = facts["channels"][0]
    assert (channel["dtype"], channel["whole"]) == ("float32", True)
    assert channel["minimum"] == pytest.approx(float(data.min()))
    assert channel["mean"] == pytest.approx(float(data.mean()), rel=1e-5)
    assert main(["info", str(tomogram)]) == 0
    text = capsys.readouterr().out
    assert "20 × 22 × 24 voxels" in text
    assert "10 × 10 × 10 Å" in text


def test_info_tells_values_at_an_offset_apart(tmp_path, capsys):
    np.save(tmp_path / "a.npy", 2**27 + np.arange(720, dtype=np.int32).reshape(8, 9, 10) % 9)
    assert main(["info", str(tmp_path / "a.npy")]) == 0
    assert "134217728 to 134217736" in capsys.readouterr().out


def test_info_of_a_project(hypseg, project, capsys):
    with closing(Project.open(project, write=True)) as opened:
        opened.keep_level("cells", opened.cut(3))
    facts = hypseg("info", project)
    assert facts["leaves"] == 8
    assert facts["levels"] == [{"name": "cells", "regions": 3, "tree": "parts"}]
    assert facts["training"]["step"] == 1
    assert facts["damage"] == []
    assert main(["info", str(project)]) == 0
    text = capsys.readouterr().out
    assert "cells (3 regions of parts)" in text
    assert "1 step on cpu" in text


def test_demo_goes_all_the_way(hypseg, tmp_path, monkeypatch):
    monkeypatch.setattr("napari_hypseg.cli.commands.demo.EDGE", 24)
    out = tmp_path / "demo"
    record = hypseg("demo", "--out", out, "--steps", 1)
    assert record["matched_dice"].keys() == {"2", "4", "6"}
    for k in (2, 4, 6):
        labels = np.asarray(open_volume(out / f"regions_{k}.mrc").channels[0][:])
        assert labels.max() == k
    from skimage.io import imread

    picture = imread(out / "overview.png")
    assert picture.shape[1] > 5 * 200
    assert len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0)) > 50
    again = hypseg("demo", "--out", out, "--steps", 1)
    assert again["matched_dice"] == record["matched_dice"]
    with closing(Project.open(out / "demo.hypseg", write=True)) as opened:
        opened.keep_level("mine", opened.cut(3))
    assert main(["demo", "--out", str(out), "--steps", "1"]) == 4
    assert Project.open(out / "demo.hypseg").level("mine")


WITHOUT_A_WINDOW = """
import sys
from importlib.abc import MetaPathFinder
GONE = {"napari", "qtpy", "PySide6", "PyQt6", "PyQt5", "magicgui", "superqt", "pyqtgraph", "vispy", "npe2"}
class Blocker(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in GONE:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocker())
from napari_hypseg.cli.main import main
folder, truth, *tiny = sys.argv[1:]
codes = [
    main(["run", folder + "/../tomogram.mrc", "--out", folder + "/p.hypseg", *tiny]),
    main(["export", folder + "/p.hypseg", "--cut", "3", "--out", folder + "/m.mrc"]),
    main(["score", folder + "/p.hypseg", "--truth", truth, "--json"]),
    main(["info", folder + "/p.hypseg"]),
]
assert not GONE & set(sys.modules)
sys.exit(0 if codes == [0, 0, 0, 0] else str(codes))
"""


def test_works_with_neither_napari_nor_qt(kept, tiny, tmp_path):
    shutil.copy(kept / "tomogram.mrc", tmp_path / "tomogram.mrc")
    (tmp_path / "work").mkdir()
    words = [str(tmp_path / "work"), str(kept / "truth.mrc"), *tiny]
    done = subprocess.run([sys.executable, "-c", WITHOUT_A_WINDOW, *words], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
