"""``python -m benchmarks``: measure again what the documentation says. Another benchmark is a file and a line below."""

from collections.abc import Sequence

from napari_hypseg.cli import main as cli
from napari_hypseg.cli.parsing.parser import Program
from napari_hypseg.cli.registry import CommandEntry

BENCHMARKS = (
    CommandEntry("ablation", "what each part of the default adds", "benchmarks.ablation.command"),
    CommandEntry("apply", "what is carried to new volumes of the same kind", "benchmarks.apply.command"),
    CommandEntry("clicks", "what a few clicks reach, and a pixel classifier", "benchmarks.clicks.command"),
    CommandEntry("locate", "finding the sample: exactness, time and memory", "benchmarks.locate.command"),
    CommandEntry("particles", "content and pose of generated particles", "benchmarks.particles.command"),
    CommandEntry("phantom", "segmentations of generated tomograms: matched Dice", "benchmarks.phantom.command"),
    CommandEntry("prior", "an anatomical prior on a brain that it has not seen", "benchmarks.prior.command"),
    CommandEntry("real", "segmentations of real volumes: what can be selected", "benchmarks.real.command"),
    CommandEntry("speed", "how fast each stage is, and what would be run instead", "benchmarks.speed.command"),
    CommandEntry("structures", "counting, measuring and drawing structures: seconds", "benchmarks.structures.command"),
)
DESCRIPTION = """\
Measure again what the documentation says about the methods, on generated volumes, and on real ones where they are at
hand. The tables go into the page of the benchmark, between marks, so that what is written around them stays."""
EPILOG = """\
examples:
  python -m benchmarks locate --quick
  python -m benchmarks phantom --method default --out results

Each benchmark explains itself: python -m benchmarks locate --help"""
PROGRAM = Program("python -m benchmarks", DESCRIPTION, EPILOG, BENCHMARKS)


def main(words: Sequence[str] | None = None) -> int:
    """Carry out the benchmark that `words` (by default the process's own) name; gives the exit code."""
    return cli.main(words, PROGRAM)
