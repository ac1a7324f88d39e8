"""Exports to OME-Zarr have coarser levels at the same place."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import zarr

from napari_hypseg.io import LabelImage, open_volume, write_labels
from napari_hypseg.io.writing import write_labels_job, write_volume
from napari_hypseg.io.zarr import writer
from napari_hypseg.io.zarr.writer import is_export
from napari_hypseg.jobs import drive
from napari_hypseg.volumes import Volume
from napari_hypseg.volumes.cells import cell_edges, commonest, mean_of_cells


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(writer, "cell_edges", partial(cell_edges, coarsest=128))


@pytest.fixture
def labels():
    data = np.random.default_rng(0).integers(0, 3, (20, 300, 131)).astype(np.uint16)
    return LabelImage(data, 2, (4.0, 1.0, 1.0), "angstrom", (8.0, 0.0, 2.0))


def test_labels_have_levels_of_the_commonest(tmp_path, labels):
    path = write_labels(tmp_path / "a.ome.zarr", labels)
    group = zarr.open_group(path / "labels" / "a", mode="r")
    first, second = (np.asarray(group[level]) for level in "12")
    np.testing.assert_array_equal(group["0"], labels.data)
    np.testing.assert_array_equal(first, commonest(labels.data, (1, 2, 2)))
    np.testing.assert_array_equal(second, commonest(first, (1, 2, 2)))
    levels = group.attrs["ome"]["multiscales"][0]["datasets"]
    assert [level["path"] for level in levels] == ["0", "1", "2"]
    scale, shift = levels[2]["coordinateTransformations"]
    assert (scale["scale"], shift["translation"]) == ([4.0, 4.0, 4.0], [8.0, 1.5, 3.5])
    outer = zarr.open_group(path, mode="r").attrs["ome"]["multiscales"][0]["datasets"]
    assert [level["path"] for level in outer] == ["labels/a/0", "labels/a/1", "labels/a/2"]
    assert open_volume(path).shape == (20, 300, 131)
    assert is_export(path)
    (path / "labels" / "a" / "1" / "mine.txt").write_text("keep")
    assert not is_export(path)


def test_progress_counts_all_levels(tmp_path, labels):
    fractions = []
    drive(write_labels_job(tmp_path / "a.ome.zarr", labels), lambda event: fractions.append(event.fraction))
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)


def test_channels_have_levels_of_means(tmp_path):
    grey = np.random.default_rng(0).normal(size=(2, 5, 40, 140)).astype(np.float32)
    volume = Volume(tuple(grey))
    (path,) = write_volume(tmp_path / "a.ome.zarr", volume, volume.box)
    group = zarr.open_group(path, mode="r")
    assert group["1"].shape == (2, 3, 20, 70)
    np.testing.assert_array_equal(np.asarray(group["1"])[1], mean_of_cells(grey[1], (2, 2, 2)))
    again = open_volume(path)
    np.testing.assert_array_equal(again.channels[1], grey[1])


def test_small_images_have_one_level(tmp_path, labels):
    small = replace(labels, data=labels.data[:, :50, :50])
    group = zarr.open_group(write_labels(tmp_path / "a.ome.zarr", small) / "labels" / "a", mode="r")
    assert list(group.array_keys()) == ["0"]
