"""Jobs that write a file: none of the images that are open is ever written over."""

import numpy as np
import pytest
from napari.layers import Image, Labels

from napari_hypseg._napari.metadata_keys import SOURCE
from napari_hypseg._qt.jobs import project_jobs
from napari_hypseg._qt.layers.specimens import open_files
from napari_hypseg.errors import OutputError
from napari_hypseg.io.opening import open_volume
from napari_hypseg.io.writing import write_volume
from napari_hypseg.jobs import quietly
from napari_hypseg.project.sources import keep_source
from napari_hypseg.volumes import Box, Specimen, Volume

GREY = np.random.default_rng(0).normal(size=(5, 6, 7)).astype(np.float32)


def test_the_files_of_images_are_known_and_labels_may_be_exported_again(tmp_path):
    names = [str(tmp_path / name) for name in ("a.mrc", "b.mrc")]
    ours = Image(GREY, metadata={SOURCE: tuple(names)})
    labels = Labels(np.ones((5, 6, 7), np.uint8), metadata={SOURCE: (str(tmp_path / "labels.mrc"),)})
    assert [str(path) for path in open_files([ours, ours, labels, Image(GREY)])] == names


def test_a_crop_spares_every_image_that_is_open(tmp_path):
    for name in ("a.mrc", "b.mrc"):
        write_volume(tmp_path / name, Volume((GREY,)), Box.whole(GREY.shape))
    before = (tmp_path / "b.mrc").read_bytes()
    for name in ("a.mrc", "b.mrc"):
        folder = tmp_path / f"work-{name}"
        folder.mkdir()
        specimen = Specimen(open_volume(tmp_path / "a.mrc"), None, Box((1, 1, 1), (4, 4, 4)))
        job = project_jobs.crop(
            None, str(folder), [keep_source(folder, 0, specimen)], str(tmp_path / name), "mrc",
            [str(tmp_path / "b.mrc")],
        )  # fmt: skip
        with pytest.raises(OutputError, match="would write over"):
            quietly(job)
    assert (tmp_path / "b.mrc").read_bytes() == before
