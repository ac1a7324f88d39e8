import numpy as np
import pytest
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
    assert page.count("\n| ") == 6
    assert "pieces found and measured" in capsys.readouterr().out
