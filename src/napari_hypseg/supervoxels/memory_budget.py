"""How much memory segmenting may take, and what follows from it."""

from dataclasses import dataclass
from typing import Self

import psutil
from pydantic import ByteSize, TypeAdapter, ValidationError

from napari_hypseg.errors import SettingError

BASE = 600_000_000
"""Bytes above torch's libraries for what is held beside a graph of regions, whatever the volume."""
PER_WORKER = 300_000_000
"""Bytes of a tile or block that a thread works on, and of its results until they are taken."""
PER_REGION = 1100
"""Bytes of a region, with its edges, while a graph of regions is merged."""
FEWEST, MOST = 100_000, 1_000_000
"""Regions held at once. More than `MOST` would not tell leaves better apart, so that with enough memory the result
does not depend on how much there is."""
SHARE = 4
"""Of what is free, one part in so many is taken unless the person says how much."""


@dataclass(frozen=True)
class MemoryBudget:
    """Main memory that segmenting may take, above the libraries.

    Parameters
    ----------
    bytes
        At least `LEAST`.
    """

    bytes: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """A budget from words such as ``2GB`` or ``800 MB``.

        Raises
        ------
        SettingError
            If it is no size, or less than segmenting needs.
        """
        try:
            size = int(TypeAdapter(ByteSize).validate_python(text))
        except ValidationError as error:
            raise SettingError(f"{text!r} is no amount of memory; write it as 2GB or 800MB.", "memory") from error
        if size < LEAST:
            raise SettingError(
                f"Segmenting needs at least {LEAST / 1e6:.0f} MB of memory beside its libraries, not {size / 1e6:.0f} "
                "MB; allow it that much.",
                "memory",
            )
        return cls(size)

    @classmethod
    def usual(cls) -> Self:
        """A quarter of what is free now, but as much as segmenting needs."""
        return cls(max(LEAST, psutil.virtual_memory().available // SHARE))

    @property
    def workers(self) -> int:
        """Threads that may work on blocks at the same time."""
        return max(1, self.bytes // PER_WORKER - 1)

    @property
    def regions_held(self) -> int:
        """Regions whose adjacency graph is held at once."""
        return min(MOST, max(FEWEST, (self.bytes - BASE) // PER_REGION))


LEAST = BASE + FEWEST * PER_REGION
"""Bytes with which any volume can be segmented."""
AMPLE = MemoryBudget(BASE + MOST * PER_REGION)
"""With this or more, results do not depend on the memory."""
