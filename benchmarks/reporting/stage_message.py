"""What a benchmark does next, told to whoever drives it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StageMessage:
    """An event of a benchmark's job: a sentence for the person who waits."""

    title: str
