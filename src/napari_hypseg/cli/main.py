"""Entry of the command `hypseg`: parse, carry out, print one result or one sentence, leave with a telling code."""

from __future__ import annotations

import errno
import sys
import tempfile
import traceback
import warnings
from collections.abc import Sequence
from contextlib import redirect_stdout

from napari_hypseg.cli.display.display import Display, choose_display
from napari_hypseg.cli.display.formatting import in_flags
from napari_hypseg.cli.display.output import Outcome, say
from napari_hypseg.cli.display.streams import detach_stdout, prepare_streams
from napari_hypseg.cli.interrupts import interrupt, signals_handled
from napari_hypseg.cli.parsing.parser import HYPSEG, Program, build_parser
from napari_hypseg.errors import HypsegError, OutputError

EXIT_INTERRUPTED = 130
EXIT_PIPE_CLOSED = 141
EXIT_DEFECT = 70
EXIT_NO_MEMORY = 71
ADVICE = {
    errno.EACCES: "you may not read or write there: ask its owner, or choose another",
    errno.EPERM: "you may not read or write there: ask its owner, or choose another",
    errno.ENOSPC: "the disk is full: free some space or choose another",
    errno.EDQUOT: "your disk quota is used up: free some space or choose another",
    errno.EROFS: "that disk is read-only: choose another",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EIO: "the disk reports a fault: copy what is on it to another",
}
"""Advice for errors of the system that have no sentence of their own."""


def main(words: Sequence[str] | None = None, program: Program = HYPSEG) -> int:
    """Carry out the command line `words` (by default the process's own) of `program` and return the exit code."""
    words = sys.argv[1:] if words is None else list(words)
    prepare_streams()
    try:
        code = _guarded(words, choose_display("--json" in words), program)
        sys.stdout.flush()
    except BrokenPipeError:
        detach_stdout()
        code = EXIT_PIPE_CLOSED
    except OSError as error:  # nothing more can be written to stdout, say because its disk is full
        detach_stdout()
        say(f"hypseg: The result cannot be written ({error.strerror}); send it to another place.")
        code = OutputError.exit_code
    return code


def _guarded(words: Sequence[str], display: Display, program: Program) -> int:
    """Carry out the command and turn whatever goes wrong into a sentence and an exit code."""
    try:
        with signals_handled(interrupt), display:
            outcome = _carry_out(words, display, program)
        if outcome is not None:
            display.finish(outcome)
    except SystemExit as leave:  # --help and --version
        return int(leave.code or 0)
    except KeyboardInterrupt:
        display.fail("Stopped; nothing was left half-written.")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:
        sentence, code = _explain(error)
        display.fail(sentence)
        return code
    return outcome.exit_code if outcome is not None else 0


def _carry_out(words: Sequence[str], display: Display, program: Program) -> Outcome | None:
    """Parse and execute. What libraries print goes to stderr, so that stdout holds the result alone."""
    parser = build_parser(words, program)
    if not words:
        parser.print_help()
        return None
    arguments = parser.parse_args(words)
    if arguments.command is None:
        parser.error("name a command")
    with redirect_stdout(sys.stderr), warnings.catch_warnings():
        if not sys.warnoptions:
            warnings.simplefilter("ignore")  # they are for developers: what a person should know is a notice
        outcome: Outcome = arguments.execute(arguments, display)
        return outcome


def _explain(error: Exception) -> tuple[str, int]:
    """One sentence and the exit code for an error."""
    if isinstance(error, HypsegError):
        return in_flags(error), error.exit_code
    if isinstance(error, OSError) and error.errno in ADVICE:
        sentence = f"{error.filename or 'A file'} cannot be used ({error.strerror}); {ADVICE[error.errno]}."
        return sentence, OutputError.exit_code
    if isinstance(error, MemoryError):
        return "The memory of this computer is used up; give a smaller --box or fewer specimens.", EXIT_NO_MEMORY
    return _report_defect(error), EXIT_DEFECT


def _report_defect(error: Exception) -> str:
    """Write the traceback to a file and say where it is, in one sentence."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="hypseg-", suffix=".log", delete=False, encoding="utf-8", errors="backslashreplace"
    ) as log:
        traceback.print_exception(error, file=log)
    kind = f"{type(error).__name__}: {error}".splitlines()[0]
    return f"This is a defect of hypseg ({kind}); please report it with the file {log.name}."
