"""Batch covariates: what is read, what is refused, and the vectors."""

import numpy as np
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.methods.batch_covariates import covariates, one_hot, settled_covariates


def test_each_covariate_has_a_one_at_the_place_of_its_value():
    named = covariates(" day = mon, tue,tue ; microscope=b,a,b")
    assert named == {"day": ["mon", "tue", "tue"], "microscope": ["b", "a", "b"]}
    np.testing.assert_array_equal(one_hot(named), [[1, 0, 0, 1], [0, 1, 1, 0], [0, 1, 0, 1]])
    assert one_hot(covariates("")).shape[1] == 0


def test_specimens_stand_for_themselves():
    text = settled_covariates("specimen", 3)
    np.testing.assert_array_equal(one_hot(covariates(text)), np.eye(3))
    assert settled_covariates(text, 3) == text
    assert covariates("specimen") == {}, "until there are specimens"
    assert settled_covariates("", 1) == ""


@pytest.mark.parametrize(
    ("text", "n", "said"),
    [
        ("specimen", 1, "There is one specimen"),
        ("day=mon,tue", 3, "day has 2 values for 3 specimens"),
        ("day=mon,mon", 2, "day is the same for all specimens"),
        ("day", 2, "'day' cannot be read; write name=value"),
        ("=a,b", 2, "'=a,b' cannot be read"),
        ("day=a,", 2, "'day=a,' cannot be read"),
        ("day=a,b;day=b,a", 2, "day is given twice"),
    ],
)
def test_what_tells_no_specimens_apart_is_refused(text, n, said):
    with pytest.raises(SettingError, match=said):
        settled_covariates(text, n)
