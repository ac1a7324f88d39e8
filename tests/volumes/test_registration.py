import sys

import numpy as np
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.jobs import quietly
from napari_hypseg.volumes.index_map import index_map
from napari_hypseg.volumes.registration import (
    align_by_landmarks,
    align_with_labels,
    explained_variance,
    resample,
    simple_itk,
)
from tests.label_phantoms import SOLIDS, image_of, label_phantom


def test_a_missing_library_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    with pytest.raises(SettingError, match=r"pip install 'napari-hypseg\[anatomical\]'"):
        simple_itk()


def test_landmarks_give_the_map_between_them():
    pytest.importorskip("SimpleITK")
    points = np.random.default_rng(0).normal(size=(12, 3)) * 20
    true = index_map([[1.1, 0.3, 0], [-0.2, 0.9, 0.1], [0, 0, 1.2]], [5, -3, 2])
    moved = points @ true[:, :3].T + true[:, 3]
    np.testing.assert_allclose(align_by_landmarks(points, moved), true, atol=1e-6)
    shift = align_by_landmarks(points[:2], points[:2] + np.array([1, 2, 3]))
    np.testing.assert_allclose(shift, index_map(np.eye(3), [1, 2, 3]), atol=1e-12)


def test_a_map_with_voxels_of_another_size_is_read_where_it_says():
    pytest.importorskip("SimpleITK")
    values = np.arange(6 * 7 * 8, dtype=np.float32).reshape(6, 7, 8)
    moved = resample(values, index_map(np.eye(3), [1, 0, 2]), (4, 7, 5), nearest=True)
    np.testing.assert_array_equal(moved, values[1:5, :, 2:7])


def test_labels_are_found_in_a_turned_volume():
    """The image is another specimen, turned by 25° and with other voxels."""
    pytest.importorskip("SimpleITK")
    codes = np.zeros(256, dtype=np.uint8)
    codes[list(SOLIDS)] = np.arange(1, len(SOLIDS) + 1)
    labels = codes[label_phantom((40, 44, 36))]
    angle = np.deg2rad(25)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    middle = (np.asarray(labels.shape) - 1) / 2
    true = index_map(turn, middle - turn @ middle)
    truth = label_phantom((40, 44, 36), seed=3, spread=0.02)
    grey = resample(image_of(truth), true, truth.shape)
    found = quietly(align_with_labels(labels, (2.0, 2.0, 2.0), grey, (2.0, 2.0, 2.0)))
    middles = np.array([np.argwhere(labels == label).mean(axis=0) for label in range(1, len(SOLIDS) + 1)])
    back = middles @ found.matrix[:, :3].T + found.matrix[:, 3]
    there = back @ true[:, :3].T + true[:, 3]
    assert np.abs(there - middles).mean() < 2.0
    assert found.explained > 0.2
    assert found.scale == pytest.approx(1, rel=0.15)


def test_explained_variance():
    groups = np.array([1, 1, 2, 2], dtype=np.uint8)
    assert explained_variance(groups, np.array([0, 0, 1, 1], dtype=np.float32)) == pytest.approx(1)
    assert explained_variance(groups, np.array([0, 1, 0, 1], dtype=np.float32)) == pytest.approx(0)
    assert explained_variance(groups, np.ones(4, dtype=np.float32)) == 0
