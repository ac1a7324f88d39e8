"""What a library raises on a file becomes one sentence."""

import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.storage.reading import reading


def test_a_folder_in_place_of_a_file_is_called_one(tmp_path):
    said = "is a folder and cannot be read as a table; name a file"
    with pytest.raises(InputError, match=said), reading(tmp_path, "a table"):
        tmp_path.read_text()
