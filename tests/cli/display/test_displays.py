"""What is shown while a job runs: little, and never on stdout."""

import io

import pytest

from napari_hypseg.cli.display.display import JsonDisplay, LineDisplay, choose_display
from napari_hypseg.cli.display.formatting import duration
from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.display.progress_bar import BarDisplay
from napari_hypseg.cli.display.run_log import RunLog
from napari_hypseg.jobs import Notice, Progress


class Clock:
    """Seconds that pass when the test says so."""

    now = 0.0

    def __call__(self):
        return self.now


def test_lines_one_for_a_stage_and_then_every_ten_seconds():
    stream, clock = io.StringIO(), Clock()
    display = LineDisplay(stream, clock)
    for second in range(25):
        clock.now = float(second)
        display.show(Progress("learn", second, 25, {"loss": 2.0 - second / 25}, 25 - second))
    display.show(Progress("encode", 0, 8))
    lines = stream.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == ["Learning", "Learning", "Learning", "Visiting"]
    assert "40%" in lines[1]
    assert "loss 1.6" in lines[1]
    assert "about 15 s left" in lines[1]


def test_lines_say_every_notice_and_pass_over_what_is_for_a_window():
    stream = io.StringIO()
    display = LineDisplay(stream)
    display.show(Notice("The rate was lowered."))
    display.show(object())
    assert stream.getvalue() == "Note: The rate was lowered.\n"


def test_a_log_that_nobody_reads_does_not_end_the_work():
    tried = []

    class Gone(io.StringIO):
        def write(self, text):
            tried.append(text)
            raise BrokenPipeError

    LineDisplay(Gone()).show(Progress("learn", 0))
    assert tried


def test_json_is_silent_until_the_end(capsys):
    display = JsonDisplay()
    with display:
        display.show(Progress("learn", 1, 2, {"loss": 1.0}))
        display.show(Notice("something"))
    assert capsys.readouterr() == ("", "")
    display.finish(Outcome({"k": 2}, "for people"))
    assert capsys.readouterr() == ('{"k": 2}\n', "")


def test_bar_shows_stages_and_ends_full(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with BarDisplay() as display:
        display.show(Progress("learn", 30, 60, {"loss": 0.5}, 30))
        display.show(Notice("The rate was lowered [sic]."))
        display.show(Progress("encode", 1, None))
        display.show(Progress("encode", 8, 8))
    captured = capsys.readouterr()
    assert captured.out == ""
    for text in ("Learning", "loss 0.5", "[sic]", "Visiting every voxel", "100%"):
        assert text in captured.err
    assert "left" not in captured.err.splitlines()[-1]


def test_display_fits_where_stderr_leads(monkeypatch):
    assert isinstance(choose_display(True), JsonDisplay)
    assert isinstance(choose_display(False), LineDisplay)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(choose_display(False), BarDisplay)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(choose_display(False), LineDisplay)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (7260, "2 h 1 min")]
)
def test_duration(seconds, text):
    assert duration(seconds) == text


def test_journal_adds_up_stages_and_keeps_first_and_last_loss():
    clock = Clock()
    log = RunLog(clock)
    for second, (stage, loss) in enumerate([("learn", 3.0), ("learn", 2.0), ("learn", 1.0), ("encode", None)], start=1):
        clock.now = float(second)
        log.record(Progress(stage, second, None, {} if loss is None else {"loss": loss}))
    log.record(Notice("a notice"))
    assert log.seconds == {"learn": 3.0, "encode": 1.0}
    assert log.losses == (3.0, 1.0)
    assert log.notices == ["a notice"]
