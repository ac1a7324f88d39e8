"""Settings of a run from plain values, whatever these are."""

from typing import Any

import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.project.run_settings import RunSettings


@pytest.mark.parametrize("values", [None, 5, [], "x", [1], {"method": None}, {"training": None}, {"training": [1]}])
def test_what_are_no_settings_is_refused(values: Any) -> None:
    with pytest.raises(SettingError, match="cannot be"):
        RunSettings.check(values)
