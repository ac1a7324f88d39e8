"""The memory that segmenting may take is said in words, and has a least."""

import psutil
import pytest

from napari_hypseg.errors import SettingError
from napari_hypseg.supervoxels import memory_budget
from napari_hypseg.supervoxels.memory_budget import AMPLE, LEAST, MemoryBudget


def test_sizes_are_read_as_people_write_them():
    assert MemoryBudget.parse("2GB").bytes == MemoryBudget.parse("2 gb").bytes == 2_000_000_000
    assert MemoryBudget.parse("1GiB").bytes == 2**30
    assert MemoryBudget.parse(str(LEAST)).bytes == LEAST


@pytest.mark.parametrize("text", ["", "much", "-2GB", "2 apples"])
def test_what_is_no_size_is_told(text):
    with pytest.raises(SettingError, match="2GB") as caught:
        MemoryBudget.parse(text)
    assert caught.value.setting == "memory"


def test_too_little_says_the_least():
    with pytest.raises(SettingError, match=rf"at least {LEAST / 1e6:.0f} MB.*not 100 MB"):
        MemoryBudget.parse("100MB")


def test_regions_follow_from_memory_up_to_a_most(monkeypatch):
    held = [MemoryBudget(size).regions_held for size in (LEAST, 1_000_000_000, AMPLE.bytes, 10 * AMPLE.bytes)]
    assert held == [memory_budget.FEWEST, 363_636, memory_budget.MOST, memory_budget.MOST]
    assert [MemoryBudget(size).workers for size in (LEAST, 1_000_000_000, 2_000_000_000)] == [1, 2, 5]
    free = type("Free", (), {"available": 1_000_000})
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    assert MemoryBudget.usual().bytes == LEAST
