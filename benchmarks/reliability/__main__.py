"""The reliability campaign: ``python -m benchmarks.reliability`` from the root of the repository (Linux, a C compiler).

Processes are killed and disks are full at each file operation of every command that writes; bits are flipped in a
stored project; two processes write to one project at once; files are damaged before they are opened. The tables go to
docs/benchmarks/reliability.md; the exit code is 1 if anything was lost, unreadable, left behind or told as a traceback.
"""

import argparse
import logging
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.reliability import faults

PAGE = Path("docs/benchmarks/reliability.md")
PARTS = ("faults", "flips", "writers", "editing")
logger = logging.getLogger("reliability")


def main() -> int:
    arguments = _arguments()
    faults.enable()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    import torch

    torch.set_num_threads(1)  # a pool of threads would not survive the forks
    import napari_hypseg.cli.main
    import napari_hypseg.pipeline  # noqa: F401 - loaded once, before the forks
    from benchmarks.reliability import page

    base = Path(tempfile.mkdtemp(prefix="hypseg-reliability-"))  # no TemporaryDirectory: every fork would remove it
    try:
        sections = [getattr(page, f"measure_{part}")(base / part, arguments) for part in arguments.only or PARTS]
    finally:
        shutil.rmtree(base, ignore_errors=True)
    if arguments.out:
        page.write(arguments.out, {section.name: section.text for section in sections})
    return int(any(section.problems for section in sections))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=PARTS, help="a part; may be given several times")
    parser.add_argument("--writing", action="append", default=[], help="faults: only writings whose name has this text")
    parser.add_argument("--most", type=int, default=10**6, help="faults: operations tried of each writing [all]")
    parser.add_argument("--flips", type=int, default=2000, help="single bits that are flipped [2000]")
    parser.add_argument("--seconds", type=float, default=60, help="how long two processes write at once [60]")
    parser.add_argument("--kills", type=int, default=50, help="times that somebody who edits is killed [50]")
    parser.add_argument("--out", type=Path, default=PAGE, help=f"page to write the tables to [{PAGE}]")
    parser.add_argument("--no-page", dest="out", action="store_const", const=None, help="only look, write no page")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
