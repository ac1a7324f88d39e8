"""The generated volumes that segmentations are scored on, as those of 2021 were divided: 80 to learn from, 20, 20.

Seeds follow one another, so that no volume of one part occurs in another, and lie far from those that anybody would
try out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.volumes.phantom import EDGE, Phantom, phantom

FIRST_SEED = 60_000
VARIANTS: Mapping[str, bool] = MappingProxyType({"regular": False, "irregular": True})
"""Whether skins are dented, by name of the variant; both have the same seeds."""
TEST, VALIDATION = "test", "validation"
PARTS = (TEST, VALIDATION)


@dataclass(frozen=True)
class PhantomSplit:
    """How many volumes of `edge`³ voxels there are to learn from, to choose settings by, and to score."""

    edge: int
    learned: int
    validation: int
    test: int

    def seeds(self, part: str) -> range:
        """Of the volumes of ``"learned"`` or one of `PARTS`."""
        counts = {"learned": self.learned, VALIDATION: self.validation, TEST: self.test}
        before = sum(list(counts.values())[: list(counts).index(part)])
        return range(FIRST_SEED + before, FIRST_SEED + before + counts[part])


FULL_SPLIT = PhantomSplit(EDGE, 80, 20, 20)
QUICK_SPLIT = PhantomSplit(24, 2, 2, 2)


def make_phantoms(split: PhantomSplit, part: str, variant: str) -> Job[Sequence[Phantom]]:
    """Generate the volumes of one part."""
    made = []
    for seed in split.seeds(part):
        made.append(phantom((split.edge,) * 3, seed, VARIANTS[variant]))
        yield Progress("generate", len(made), len(split.seeds(part)))
    return made
