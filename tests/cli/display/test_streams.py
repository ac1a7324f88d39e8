"""Where a command's words go: other encodings, closed streams, full disks, a terminal that has gone."""

import io
import os
import signal
import subprocess
import sys

import pytest

from napari_hypseg.cli.display.streams import READABLE, prepare_streams
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.cli.main import main
from napari_hypseg.jobs import Command, Progress
from napari_hypseg.jobs.stage import Stage

HYPSEG = [sys.executable, "-m", "napari_hypseg.cli"]
POSIX = pytest.mark.skipif(os.name == "nt", reason="descriptors and signals of POSIX")


@pytest.mark.parametrize("encoding", ["cp936", "cp932", "cp949", "cp1250", "cp1251", "ascii", "cp1252"])
def test_what_an_encoding_lacks_is_written_alike(encoding, tomogram, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    assert main(["info", str(tomogram)]) == 0
    sys.stdout.flush()
    text = raw.getvalue().decode(encoding)
    assert ("20 × 22 × 24" in text) or ("20 x 22 x 24" in text)
    assert any(f"10 {unit}" in text for unit in ("Å", "A"))


def test_bytes_that_are_no_text_are_spelt():
    prepare_streams()
    assert "M\udcfcller µm".encode("ascii", READABLE) == b"M\\xfcller um"
    assert "a\udcff".encode("utf-8", READABLE) == b"a\\xff"
    assert "様".encode("ascii", READABLE) == b"?"


@POSIX
@pytest.mark.parametrize("closing", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_closed_streams_do_no_harm(closing, kept, tmp_path):
    """With stdout closed the file that is written would get its number, and what libraries print."""
    words = f"export {kept / 'tiny.hypseg'} --cut 2 --out {tmp_path / 'm.mrc'}"
    done = subprocess.run(["sh", "-c", f"exec {' '.join(HYPSEG)} {words} {closing}"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert (tmp_path / "m.mrc").stat().st_size == 1024 + 20 * 22 * 24


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no disk that is always full")
@pytest.mark.parametrize("words", [["info"], ["info", "--json"]])
def test_a_result_that_finds_no_room(words, tomogram):
    with open("/dev/full", "w") as full:
        done = subprocess.run([*HYPSEG, *words, str(tomogram)], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 4
    assert done.stderr.startswith("hypseg: ")
    assert "Traceback" not in done.stderr


@POSIX
def test_a_terminal_that_goes_lets_the_job_keep_what_it_has(monkeypatch):
    """It may tell so twice: by the system, and by the shell."""
    left = []
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # it is ignored where the tests themselves run under nohup
    monkeypatch.setattr("napari_hypseg.cli.interrupts.leave_terminal", lambda: left.append(True))

    def job():
        for step in range(10):
            if step in (2, 3):
                signal.raise_signal(signal.SIGHUP)
            if (yield Progress("learn", step, 10)) is Command.STOP and step >= 4:
                kept.append(step)
                return

    kept = []
    try:
        with pytest.raises(KeyboardInterrupt):
            drive_interruptible(job(), lambda event: None, finishing=Stage.LEARN)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert kept == [4]
    assert left == [True, True]


@POSIX
def test_nohup_goes_on(monkeypatch):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:

        def job():
            signal.raise_signal(signal.SIGHUP)
            yield Progress("learn", 0, 1)
            return "done"

        assert drive_interruptible(job(), lambda event: None) == "done"
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("name", ["tomo [bin4] [red].mrc", "a+b.mrc", "%s {x} :car:.mrc", "new\nline.mrc"])
def test_a_name_is_shown_whole(name, tomogram, tmp_path, capsys):
    (tmp_path / name).write_bytes(tomogram.read_bytes())
    assert main(["info", str(tmp_path / name)]) == 0
    assert capsys.readouterr().out.startswith(name.removesuffix(".mrc"))
