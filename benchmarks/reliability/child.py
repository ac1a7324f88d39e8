"""A function in a forked process: libraries are loaded once, and the fork may be killed."""

import atexit
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LIMIT = 120.0
"""Seconds after which a process counts as hanging."""


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Parameters
    ----------
    code
        Exit code; negative for the number of the signal that ended it; None if it hung and was ended here.
    output
        What it printed on both streams.
    seconds
        How long it ran.
    """

    code: int | None
    output: str
    seconds: float

    @property
    def traceback(self) -> bool:
        """Whether a person saw a traceback or was told of a defect."""
        return "Traceback (most recent call last)" in self.output or self.code == 70


def in_child(function: Callable[[], int], log: Path) -> Ended:
    """Run `function` in a fork whose output goes to `log`; its result is the exit code."""
    started = time.monotonic()
    process = os.fork()
    if process == 0:
        _become(function, log)
    code = _wait(process, started + LIMIT)
    return Ended(code, log.read_text(errors="replace") if log.exists() else "", time.monotonic() - started)


def _become(function: Callable[[], int], log: Path) -> None:
    """The life of the fork; it never returns."""
    try:
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(handle, stream)
        code = function()
    except BaseException:
        traceback.print_exc()
        code = 99
    atexit._run_exitfuncs()  # what the end of a process of its own would tidy up
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _wait(process: int, deadline: float) -> int | None:
    while time.monotonic() < deadline:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return None
