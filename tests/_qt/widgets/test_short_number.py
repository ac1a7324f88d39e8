"""Numbers of voxels in three digits."""

import pytest

from napari_hypseg._qt.widgets.short_number import short_number


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999, "999"), (1000, "1 k"), (45_573, "45.6 k"), (999_499, "999 k"), (999_600, "1 M"),
     (1_234_567, "1.23 M"), (4 * 10**9, "4 G")],
)  # fmt: skip
def test_numbers_of_voxels_are_short(count, text):
    assert short_number(count) == text
