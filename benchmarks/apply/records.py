"""What was carried over, kept beside the page, so that it can be measured in pieces and gone on with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.reporting.record_store import RecordStore


@dataclass(frozen=True)
class AppliedStructure:
    """Mean Dice of one structure over simulated persons.

    Parameters
    ----------
    named, carried, own
        Where it was named, on the new volume, and where the same person names it on the new volume itself.
    together
        On the new volume, where all volumes were learned together and it was named on the others; None if that was not
        measured.
    """

    named: float
    carried: float
    own: float
    together: float | None = None


@dataclass(frozen=True)
class ApplyRecord:
    """One new volume.

    Parameters
    ----------
    case, target
        Its kind and its name.
    sources
        The volumes that were learned and named.
    budget, leaves, seed
        Of learning.
    structures
        By name.
    one_sided, one_sided_together
        Share of the voxels in leaves of which more than 95 % are in one volume: after applying, and where all volumes
        were learned together.
    seconds_apply, seconds_segment
        Of applying, and of segmenting the volume by a model that it learned itself, without the learning.
    wrong_doubtful, wrong_certain
        Share of the voxels that are wrong in some structure, where the certainty is below and from 0.5 on.
    command, machine
        What was typed and where, in words.
    """

    case: str
    target: str
    sources: Sequence[str]
    budget: str
    leaves: int
    seed: int
    structures: Mapping[str, AppliedStructure]
    one_sided: float
    one_sided_together: float
    seconds_apply: float
    seconds_segment: float
    wrong_doubtful: float | None
    wrong_certain: float | None
    command: str = ""
    machine: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What a newer record of the same replaces."""
        return (self.case, self.target, self.budget, self.leaves, self.seed)


def _record(values: Mapping[str, object]) -> ApplyRecord:
    structures = values["structures"]
    if not isinstance(structures, Mapping):
        raise TypeError("structures")
    known = {name: AppliedStructure(**one) for name, one in structures.items()}
    return ApplyRecord(**{**values, "structures": known})  # type: ignore[arg-type]


APPLY_STORE = RecordStore(_record)
