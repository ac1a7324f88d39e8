import csv
import json

import mrcfile
import numpy as np
import pytest

from napari_hypseg.cli.main import main
from napari_hypseg.errors import InputError
from napari_hypseg.particles.classes.box_poses import read_box_poses
from napari_hypseg.particles.image_stack import open_image_stack, write_image_stack

FEW = ("--steps", "2", "--width", "8", "--batch", "4", "--decoded-pixels", "20", "--frozen-epochs", "0", "--json")


@pytest.fixture
def stack(tmp_path):
    """A stack of 12 images of 9 × 9 pixels with a bright edge."""
    images = np.random.default_rng(0).normal(size=(12, 9, 9)).astype(np.float32)
    images[:6, :3] += 4
    path = tmp_path / "images.mrcs"
    write_image_stack(path, images, 2.5)
    return path


def test_particles_become_classes_with_averages_and_a_movie(stack, tmp_path, capsys):
    paths = {
        name: tmp_path / f"{name}{end}" for name, end in (("out", ".csv"), ("averages", ".mrc"), ("movie", ".mrc"))
    }
    kept = tmp_path / "model.safetensors"
    words = [f"--{name}={path}" for name, path in paths.items()]
    assert main(["classify", str(stack), "--classes", "3", *words, f"--keep={kept}", *FEW]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["particles"] == 12
    assert sum(record["counts"]) == 12
    assert len(record["counts"]) == 3
    with paths["out"].open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["particle"] for row in rows] == [str(number) for number in range(1, 13)]
    assert sorted(int(row["place"]) for row in rows) == list(range(1, 13))
    assert [int(row["class"]) for row in rows] == record["class"]
    assert {"content_2", "angle_deg", "centre_y", "centre_x", "doubt", "elbo"} <= set(rows[0])
    averages, movie = open_image_stack(paths["averages"]), open_image_stack(paths["movie"])
    assert averages.images.shape == (3, 9, 9)
    assert movie.images.shape == (15, 9, 9)
    assert averages.pixel_size == pytest.approx(2.5)
    assert kept.is_file()


@pytest.mark.parametrize(
    ("words", "shape"), [((), (8, 8)), (("--rotations", "space"), (8, 8, 8)), (("--slab", "1"), (8, 8))]
)
def test_boxes_are_projected_or_turned_in_space(tmp_path, capsys, words, shape):
    boxes = np.random.default_rng(0).normal(size=(10, 8, 8, 8)).astype(np.float32)
    path, averages = tmp_path / "boxes.mrc", tmp_path / "averages.mrc"
    write_image_stack(path, boxes, 1.0)
    assert main(["classify", str(path), "--classes", "2", f"--averages={averages}", *words, *FEW]) == 0
    capsys.readouterr()
    assert open_image_stack(averages).images.shape == (2, *shape)


def test_boxes_are_aligned_in_space(tmp_path, capsys):
    boxes = np.random.default_rng(0).normal(size=(10, 8, 8, 8)).astype(np.float32)
    path, averages, table = tmp_path / "boxes.mrc", tmp_path / "averages.mrc", tmp_path / "classes.csv"
    write_image_stack(path, boxes, 1.0)
    words = ("--classes=2", "--angular-step=60", "--references=2", "--rounds=1", "--seed=3", "--json")
    made = ("classify", str(path), "--method", "alignment", f"--averages={averages}", f"--out={table}", *words)
    assert main(made) == 0
    assert json.loads(capsys.readouterr().out)["particles"] == 10
    assert open_image_stack(averages).images.shape[1:] == (8, 8, 8)
    assert len(read_box_poses(table)) == 10
    for other in ("--movie=movie.mrc", "--latent-dim=3", "--minutes=1", "--preset=spatial-vae"):
        assert main([*made, other]) != 0
        assert f"{other.split('=')[0]} is not about --method alignment" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--method", "alignment"), "--width is not about"),
        (("--tilt-range", "45"), "--tilt-range is not about"),
        (("--classes", "13"), "13"),
        (("--out", "table.txt"), ".csv"),
        (("--averages", "averages.tif"), ".mrc"),
        (("--slab", "2"), "--slab"),
        (("--rotations", "space"), "axes"),
        (("--starts", "0"), "starts"),
    ],
)
def test_what_cannot_be_is_one_sentence(stack, capsys, words, message):
    assert main(["classify", str(stack), *words, *FEW]) != 0
    said = "".join(capsys.readouterr())
    assert message in said
    assert "Traceback" not in said


def test_other_files_are_refused(tmp_path, capsys):
    volume = tmp_path / "volume.mrc"
    with mrcfile.new(volume) as file:
        file.set_data(np.zeros((4, 5, 6), np.float32))
        file.set_volume()
    broken = tmp_path / "broken.mrc"
    broken.write_bytes(b"no map")
    for path, message in ((volume, "no stack"), (broken, "cannot be read"), (tmp_path / "none.mrc", "missing")):
        assert main(["classify", str(path), *FEW]) != 0
        assert message in "".join(capsys.readouterr())


def test_the_stack_is_not_written_over(stack, capsys):
    before = stack.read_bytes()
    assert main(["classify", str(stack), "--averages", str(stack), "--overwrite", *FEW]) != 0
    assert stack.read_bytes() == before


def test_images_that_are_written_like_a_volume_are_known_by_their_ending(tmp_path):
    images = np.random.default_rng(0).normal(size=(12, 9, 9)).astype(np.float32)
    for name in ("images.mrcs", "images.mrc"):
        with mrcfile.new(tmp_path / name) as file:
            file.set_data(images)
    assert open_image_stack(tmp_path / "images.mrcs").images.shape == (12, 9, 9)
    with pytest.raises(InputError, match=r"images\.mrc holds no stack of particles; .*\.mrcs"):
        open_image_stack(tmp_path / "images.mrc")


def test_fewer_classes_than_asked_for_are_pointed_out(tmp_path, capsys):
    path = tmp_path / "boxes.mrc"
    write_image_stack(path, np.tile(np.random.default_rng(0).normal(size=(1, 8, 8, 8)), (8, 1, 1, 1)), 1.0)
    assert main(["classify", str(path), "--method", "alignment", "--classes", "2", "--rounds", "1"]) == 0
    assert "8 particles in only 1 class of the 2 asked for (" in capsys.readouterr().out
