"""`hypseg benchmark`: measure again what the documentation says. Another benchmark is a file and a line below."""

import argparse
from collections.abc import Sequence

from napari_hypseg.cli.display import Display
from napari_hypseg.cli.parser import Parser
from napari_hypseg.cli.registry import CommandEntry, Outcome

BENCHMARKS = (
    CommandEntry("locate", "finding the sample: exactness, time and memory", "napari_hypseg.cli.benchmark_locate"),
    CommandEntry(
        "phantom", "segmentations of generated tomograms: matched Dice", "napari_hypseg.cli.benchmark_phantom"
    ),
    CommandEntry("real", "segmentations of real volumes: what can be selected", "napari_hypseg.cli.benchmark_real"),
)

DESCRIPTION = """\
Measure again what the documentation says about the methods, on generated volumes, and on real ones where they are at
hand. The tables go into the page of the benchmark, between marks, so that what is written around them stays."""
EPILOG = """\
examples:
  hypseg benchmark locate --quick
  hypseg benchmark phantom --method default --out results

Each benchmark explains itself: hypseg benchmark locate --help"""


def configure(parser: Parser, words: Sequence[str]) -> None:
    """Describe the command; only the benchmark named in `words` is worked out."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    which = parser.add_subparsers(title="benchmarks", metavar="NAME", dest="benchmark", required=True)
    for entry in BENCHMARKS:
        child = which.add_parser(entry.name, help=entry.summary)
        if entry.name in words:
            module = entry.load()
            module.configure(child, words)
            child.set_defaults(measure=module.execute)


def execute(arguments: argparse.Namespace, display: Display) -> Outcome:
    """Carry out the benchmark that was named.

    Raises
    ------
    HypsegError
        If it cannot be.
    """
    outcome: Outcome = arguments.measure(arguments, display)
    return outcome
