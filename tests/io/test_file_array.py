"""The array that maps its file anew for each read."""

import gc
from pathlib import Path

import numpy as np
import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.io import file_array
from napari_hypseg.io.file_array import FileArray


@pytest.fixture
def array(distinct: np.ndarray, tmp_path: Path) -> FileArray:
    path = tmp_path / "numbers.raw"
    path.write_bytes(b"header.." + distinct.astype(">u2").tobytes())
    return FileArray(path, np.dtype(">u2"), (5, 6, 7), offset=8)


@pytest.mark.parametrize(
    "index",
    [
        0,
        -1,
        np.int64(2),
        (1, 2, 3),
        slice(1, 4),
        slice(None, None, 2),
        slice(None, None, -1),
        slice(4, 1),
        ...,
        (slice(1, 3), slice(2, 5), slice(0, 7, 3)),
        (slice(None), 3),
        (..., 2),
        ([0, 2], slice(None), 1),
        (),
    ],
)
@pytest.mark.parametrize("limit", [1, 200, 2**26])
def test_indexing_equals_numpy(
    index: object, limit: int, array: FileArray, distinct: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_array, "READ_BYTES", limit)
    result = array[index]
    np.testing.assert_array_equal(result, distinct[index])
    assert np.asarray(result).dtype == np.dtype(np.uint16)


def test_what_viewers_ask_for(array: FileArray, distinct: np.ndarray) -> None:
    assert (array.ndim, array.shape, array.size, len(array)) == (3, (5, 6, 7), 210, 5)
    np.testing.assert_array_equal(np.asarray(array), distinct)
    assert np.asarray(array, dtype=np.float32).dtype == np.float32


def test_results_do_not_hold_the_file(array: FileArray) -> None:
    """A map that lives on would keep every page it touched resident."""
    result = array[1:3]
    base = result
    while base is not None:
        assert not isinstance(base, np.memmap)
        base = base.base
    gc.collect()
    maps = Path("/proc/self/maps")
    if maps.exists():
        assert str(array.path) not in maps.read_text()


def test_a_long_run_is_read_slab_by_slab(array: FileArray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_array, "READ_BYTES", 2 * 6 * 7 * 2)
    opened = []
    original = np.memmap
    monkeypatch.setattr(np, "memmap", lambda *args, **options: opened.append(1) or original(*args, **options))
    array[:]
    assert len(opened) == 3


def test_leading_axes_and_scaling(distinct: np.ndarray, tmp_path: Path) -> None:
    stored = np.stack([distinct, distinct + 500], axis=1).astype("<i2")  # z, c, y, x
    path = tmp_path / "numbers.raw"
    path.write_bytes(stored.tobytes())
    array = FileArray(path, stored.dtype, stored.shape, axes=(1, 0, 2, 3), lead=(1,), slope=2.0, intercept=-1.0)
    assert array.shape == (5, 6, 7)
    assert array.dtype == np.int32
    np.testing.assert_array_equal(array[2, 1:], 2.0 * (distinct[2, 1:] + 500.0) - 1.0)


def test_a_file_that_shrank_is_named(array: FileArray) -> None:
    array.path.write_bytes(b"short")
    with pytest.raises(InputError, match=r"numbers\.raw is gone or shorter"):
        array[0]
    array.path.unlink()
    with pytest.raises(InputError, match=r"numbers\.raw is gone or shorter"):
        array[0]
