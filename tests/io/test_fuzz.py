"""Thousands of damaged files, the same in each run: read, or refused with a sentence, within seconds and memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "fuzz_files.py"
COUNT = 1800
MEMORY_MB = 192


@pytest.mark.slow
@pytest.mark.skipif(not SCRIPT.exists(), reason="the script that damages files is in the repository alone")
def test_damaged_files_are_read_or_refused() -> None:
    words = [sys.executable, str(SCRIPT), "--count", str(COUNT), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    results = json.loads(done.stdout)
    assert [failure for result in results for failure in result["failures"]] == []
    assert sum(result["files"] for result in results) > 0.8 * COUNT
    assert all(result["refused"] and result["opened"] for result in results)
    assert max(result["peak_mb"] for result in results) < MEMORY_MB
