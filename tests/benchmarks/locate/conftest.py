"""The benchmark finds samples with the localizer that needs no learning."""

import pytest

from tests.bright_localizer import locating as locating_in_the_command  # noqa: F401 - a fixture


@pytest.fixture
def locating(locating_in_the_command, monkeypatch):  # noqa: F811
    for module in ("timed_locate", "resources"):
        monkeypatch.setattr(f"benchmarks.locate.{module}.locate", locating_in_the_command)
    return locating_in_the_command
