"""Names that are made from others fit into a folder and stay apart."""

import os

import pytest

from napari_hypseg.storage.file_names import LONGEST, fitted


def test_short_names_stay_as_they_are():
    assert fitted("cell", "_cropped.mrc") == "cell_cropped.mrc"
    assert fitted("g" * 243, "_cropped.mrc") == "g" * 243 + "_cropped.mrc"


@pytest.mark.parametrize("stem", ["g" * 250, "様" * 90, "M\udcfcller" * 40])
def test_long_ones_are_cut_and_told_apart(stem, tmp_path):
    names = {fitted(stem + more, "_cropped.ome.zarr") for more in ("", "1", "2")}
    assert len(names) == 3
    for name in names:
        assert len(os.fsencode(name)) <= LONGEST
        assert name.endswith("_cropped.ome.zarr")
        assert name[:2] == stem[:2]
        (tmp_path / name).touch()


def test_an_ending_that_leaves_no_room():
    with pytest.raises(ValueError, match="no room"):
        fitted("cell", "." + "x" * 252)
