from types import SimpleNamespace

import numpy as np
import pytest

from napari_hypseg.errors import InputError
from napari_hypseg.methods.placement import _check_found, _check_size
from napari_hypseg.volumes import Volume
from napari_hypseg.volumes.index_map import index_map
from napari_hypseg.volumes.registration import Alignment

LABELS = np.ones((4, 4, 4), dtype=np.uint8)


def _check(explained, scale, share=1.0):
    volume = Volume([np.zeros((4, 4, 4))], (1.0, 1.0, 1.0), "pixel", name="belly")
    valid = np.arange(4) < round(4 * share)
    _check_found(
        volume, LABELS, np.broadcast_to(valid, LABELS.shape), Alignment(index_map(np.eye(3), [0] * 3), explained, scale)
    )


@pytest.mark.parametrize("measured", [(0.288, 0.93), (0.416, 1.29), (0.102, 1.06), (0.109, 0.78)])
def test_brains_are_taken_by_a_prior_of_brains(measured):
    _check(*measured)


@pytest.mark.parametrize("measured", [(0.179, 2.57), (0.123, 1.89), (0.105, 1.7), (0.067, 1.0), (0.4, 1.0, 0.25)])
def test_other_specimens_are_not(measured):
    with pytest.raises(InputError, match=r"Nothing in belly looks like what the prior knows.*times as large"):
        _check(*measured)


def test_lengths_are_told_in_the_units_of_their_files():
    volume = Volume([np.zeros((4, 4, 4))], (40.0, 40.0, 40.0), "angstrom", name="cell")
    frame = SimpleNamespace(spacing=(2.0, 2.0, 2.0), unit="millimeter")
    with pytest.raises(InputError, match="cell is 160 Å long and what the prior knows 8 mm; it is of another kind, or"):
        _check_size(frame, (4, 4, 4), volume, (4e-6, 4e-6, 4e-6))
