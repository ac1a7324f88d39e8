"""The page of the benchmark of speed, and its tables."""

from collections.abc import Sequence

from benchmarks.reporting.page import placeholder, table
from benchmarks.speed.floors import FLOORS, named_floor
from benchmarks.speed.records import BESIDE, SpeedRecord
from napari_hypseg.jobs.stage import stage_title

PAGE, RECORDS = "speed.md", "speed.json"
RATIOS, STAGES = "ratios", "stages"
TEMPLATE = f"""\
# Speed

`python -m benchmarks speed` measures this again, on volumes of mirrored phantoms with noise.

## Ratios

How many times longer takes what a person would run instead, in the same process.

{placeholder(RATIOS)}

## Stages

{placeholder(STAGES)}
"""


def ratio_section(records: Sequence[SpeedRecord]) -> str:
    """A row for each ratio, a column for each size."""
    names = list(dict.fromkeys(name for record in records for name in record.ratios))
    rows = [
        (name, *(f"{record.ratios[name]:.2f}" if name in record.ratios else "" for record in records)) for name in names
    ]
    head = ("ratio", *(f"{record.edge}³" for record in records))
    first = ("segmenting, million voxels a second", *(f"{record.segmenting / 1e6:.2f}" for record in records))
    second = ("learning, million voxels a second", *(f"{record.learning / 1e6:.2f}" for record in records))
    return table(head, [*rows, first, second])


def quick_section(record: SpeedRecord) -> str:
    """The ratios of the quick form."""
    return table(("ratio of processor time on one core", ""), [(n, f"{r:.3f}") for n, r in record.ratios.items()])


def stage_section(record: SpeedRecord) -> str:
    """Seconds, share and floor of every stage of one size."""
    whole = sum(seconds for stage, seconds in record.seconds.items() if stage not in BESIDE)
    rows = []
    for stage, seconds in record.seconds.items():
        floor = record.floors.get(stage)
        rows.append(
            (
                f"{stage} ({TITLES.get(stage) or stage_title(stage)})",
                f"{seconds:.3f}",
                f"{record.voxels / seconds / 1e6:.1f}",
                "" if stage in BESIDE else f"{100 * seconds / whole:.0f} %",
                "" if floor is None else f"{floor:.3f}",
                "" if floor is None else f"{seconds / floor:.1f}",
                named_floor(stage) if stage in FLOORS else "",
            )
        )
    head = ("stage", "seconds", "million voxels / s", "share", "floor, s", "times the floor", "what the floor is")
    return f"{record.edge}³ voxels. {record.machine}\n\n{table(head, rows)}"


TITLES = {"cut": "A step of the slider"}
