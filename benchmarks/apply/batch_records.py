"""What latent points say of the batch, kept beside the page, and the table of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.reporting.page import table
from benchmarks.reporting.record_store import RecordStore
from benchmarks.reporting.table_format import with_spread


@dataclass(frozen=True)
class BatchRecord:
    """One variant.

    Parameters
    ----------
    variant
        What was tried.
    budget, leaves, seed
        Of learning, and of the phantom.
    condition_told, class_told
        Share of points whose condition, and whose class, a linear classifier tells.
    common_dice
        Matched Dice of common leaves.
    one_sided
        Share of the voxels in leaves of which more than 95 % are in one volume.
    command, machine
        What was typed and where, in words.
    """

    variant: str
    budget: str
    leaves: int
    seed: int
    condition_told: float
    class_told: float
    common_dice: float
    one_sided: float
    command: str = ""
    machine: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What a newer record of the same replaces."""
        return (self.variant, self.budget, self.leaves, self.seed)


BATCH_STORE = RecordStore(lambda values: BatchRecord(**values))


def batch_table(records: Sequence[BatchRecord]) -> str | None:
    """Markdown of the table with how it was measured, None without records."""
    if not records:
        return None
    head = (
        "",
        "condition told (chance 25 %)",
        "class told",
        "matched Dice of common leaves",
        "leaves of one volume alone",
    )
    rows = [_row(name, [one for one in records if one.variant == name]) for name in _variants(records)]
    seeds = ", ".join(map(str, sorted({one.seed for one in records})))
    ways = "; ".join(dict.fromkeys(f"{one.budget}, {one.leaves} leaves" for one in records))
    commands = "\n".join(dict.fromkeys(one.command for one in records))
    return f"{table(head, rows)}\n\n{ways}; seeds {seeds}.\n\n```console\n{commands}\n```"


def _row(name: str, records: Sequence[BatchRecord]) -> tuple[str, ...]:
    told = [
        with_spread([100 * value for value in values], 0)
        for values in (
            [one.condition_told for one in records],
            [one.class_told for one in records],
            [one.one_sided for one in records],
        )
    ]
    dices = with_spread([one.common_dice for one in records], 2)
    return name, f"{told[0]} %", f"{told[1]} %", dices, f"{told[2]} %"


def _variants(records: Sequence[BatchRecord]) -> list[str]:
    return list(dict.fromkeys(one.variant for one in records))
