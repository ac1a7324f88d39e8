import numpy as np
import pytest
import tifffile
from scipy import ndimage

from benchmarks.command import main
from benchmarks.structures.scene import scene


def test_the_objects_of_a_scene_do_not_touch():
    made = scene(64, 20, seed=3)
    assert ndimage.label(made.objects, np.ones((3, 3, 3)))[1] == made.count == 20
    with pytest.raises(ValueError, match="do not fit"):
        scene(32, 20)


def test_quick_writes_the_page(tmp_path, capsys):
    assert main(["structures", "--quick", "--out", str(tmp_path)]) == 0
    page = (tmp_path / "explorer.md").read_text()
    assert "20 objects in 64³ voxels" in page
    section = page[page.index("<!-- structures: measured") : page.index("<!-- structures: end")]
    assert section.count("\n| ") == 6
    assert "pieces found and measured" in capsys.readouterr().out


def test_nuclei_are_counted_where_they_are_at_hand(tmp_path, capsys):
    labels = np.zeros((16, 40, 40), np.uint16)
    grid = np.indices(labels.shape)
    for label, (y, x) in {1: (12, 13), 2: (12, 23), 5: (30, 30)}.items():  # 1 and 2 meet in the plane x = 18
        ball = (grid[0] - 8) ** 2 + (grid[1] - y) ** 2 + (grid[2] - x) ** 2 <= 36
        labels[ball & ((grid[2] < 18) if label == 1 else (grid[2] >= 18))] = label
    folder = tmp_path / "data" / "lm_plant_nuclei"
    folder.mkdir(parents=True)
    tifffile.imwrite(folder / "labels.tif", labels)
    words = ["structures", "--quick", "--out", str(tmp_path), "--data", str(tmp_path / "data")]
    assert main(words) == 0
    page = (tmp_path / "explorer.md").read_text()
    assert "| plant ovule | connected components | 3 | 2 | " in page
    assert "| plant ovule | touching ones parted | 3 | 3 | 3 |" in page
