"""Scripts that are killed in the middle, each in a process of its own that has its imports already."""

import json
import subprocess
import sys
import textwrap
from types import TracebackType
from typing import Self

SERVE = """
import json, os, sys, traceback
exec(sys.argv[1])
script = sys.argv[2]

def run(at, arguments):
    calls = 0

    def deadly(call):
        def counted(*args, **kwargs):
            nonlocal calls
            calls += 1
            if calls == at:
                os.kill(os.getpid(), 9)
            return call(*args, **kwargs)
        return counted

    for name in ("open", "rename", "replace", "fsync", "unlink", "rmdir", "mkdir"):
        setattr(os, name, deadly(getattr(os, name)))
    sys.argv[1:] = arguments
    exec(script, {**globals(), "deadly": deadly})

for line in sys.stdin:
    if not (child := os.fork()):
        code = 0
        try:
            run(*json.loads(line))
        except BaseException:
            traceback.print_exc()
            code = 1
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class KilledProcesses:
    """Runs a script again and again, killed at another of its operations on files each time.

    What it imports is imported once, by a process that divides for each run. The script finds its arguments in
    ``sys.argv`` behind a name, and wraps further calls to be counted with ``deadly``.
    """

    def __init__(self, imports: str, script: str) -> None:
        words = [sys.executable, "-c", SERVE, textwrap.dedent(imports), textwrap.dedent(script)]
        self._server = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, at: int, *arguments: object) -> bool:
        """Run once, killed at operation number `at`; gives whether it got that far."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        print(json.dumps([at, [str(argument) for argument in arguments]]), file=self._server.stdin, flush=True)
        code = int(self._server.stdout.readline())
        assert code in (0, -9), "the script failed; its traceback was printed"
        return code == -9

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.communicate()
