"""The process that is measured: what it is given, what it says, and what is said when it fails."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.locate import resources
from benchmarks.locate.resources import Resources, peak_memory, write_large
from napari_hypseg.errors import HypsegError
from napari_hypseg.jobs import Progress, quietly
from napari_hypseg.pipeline.locate_settings import LocateSettings

SAYING = """
print("chatter")
print('{"shape": [1], "volume_bytes": 4, "seconds": 1.5, "peak_bytes": 7}')
"""


def test_a_large_scan_is_a_small_one_enlarged(tmp_path):
    quietly(write_large(tmp_path / "large.npy", 96))
    large = np.load(tmp_path / "large.npy", mmap_mode="r")
    assert large.shape == (96, 96, 96)
    assert large.dtype == np.float32
    np.testing.assert_array_equal(large[1::2, ::2, ::2], large[::2, 1::2, 1::2])
    assert np.asarray(large[0]).std() > 0


def test_the_measured_process_tells_in_one_line(tmp_path, monkeypatch, capsys):
    def locate(volumes, settings):
        yield Progress("learn", 1)
        return ()

    monkeypatch.setattr(resources, "locate", locate)
    np.save(tmp_path / "a.npy", np.zeros((4, 5, 6), np.float32))
    resources.main(str(tmp_path / "a.npy"), LocateSettings(method="sorting").model_dump_json())
    told = json.loads(capsys.readouterr().out)
    assert (told["shape"], told["volume_bytes"]) == ([4, 5, 6], 480)
    assert Resources("sorting", **told).seconds >= 0


def test_peak_memory_is_that_of_this_process():
    held = np.ones(100_000_000, np.uint8)
    peak = peak_memory()
    assert peak is None or held.nbytes < peak < 1e12


def test_a_process_that_fails_is_named(tmp_path):
    with pytest.raises(HypsegError, match=r"gone\.npy"):
        quietly(resources._in_a_process(tmp_path / "gone.npy", LocateSettings()))


def test_the_last_line_counts(monkeypatch, tmp_path):
    program = tmp_path / "saying.py"
    program.write_text(SAYING)
    real = resources.subprocess.Popen
    monkeypatch.setattr(
        resources.subprocess, "Popen", lambda words, **options: real([words[0], str(program)], **options)
    )
    assert quietly(resources._in_a_process(Path("a.npy"), LocateSettings())).peak_bytes == 7
