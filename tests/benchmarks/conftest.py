"""Made-up example volumes, in files as the real ones are."""

import json
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest

SHAPE = (20, 18, 16)
TUMOUR = {
    "0 (inside brainmask)": ["head", "brain", "healthy tissue"],
    "2": ["head", "brain", "whole tumour", "oedema"],
    "4": ["head", "brain", "whole tumour", "tumour core", "enhancing"],
}


def _write_patient(folder: Path, seed: int) -> None:
    """A bright cube with a brighter one in it, in a brain that is smaller than the grid; arrays are (x, y, z)."""
    rng = np.random.default_rng(seed)
    labels = np.zeros(SHAPE, np.uint8)
    labels[5:13, 5:13, 4:12] = 2
    labels[7:11, 7:11, 6:10] = 4
    brain = np.zeros(SHAPE, np.uint8)
    brain[2:18, 1:17, 2:15] = 1
    folder.mkdir(parents=True)
    flair = np.where(brain, labels + 0.1 * rng.normal(size=SHAPE), -4).astype(np.float32)
    t1c = np.where(brain, (labels == 4) + 0.1 * rng.normal(size=SHAPE), -4).astype(np.float32)
    for name, array in {"flair": flair, "t1c": t1c, "labels": labels, "brainmask": brain}.items():
        nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), folder / f"{name}.nii.gz")


@pytest.fixture
def patients(tmp_path: Path) -> Callable[[int], Path]:
    """So many patients with tumours, where only a mask says what is brain; gives the folder of example volumes."""

    def write(count: int) -> Path:
        data = tmp_path / "volumes"
        for number in range(count):
            _write_patient(data / "brats2013_open" / f"pat{number:04}", number)
        (data / "brats2013_open" / "hierarchy.json").write_text(json.dumps(TUMOUR))
        return data

    return write
