"""The whole time to what is learned, in words, before Train is pressed."""

from dataclasses import dataclass

from napari_hypseg._qt.widgets.progress_line import format_duration
from napari_hypseg.pipeline.speed import HALF, LONG, Speed


@dataclass(frozen=True)
class Estimate:
    """What is known about the time until learned regions are there.

    Parameters
    ----------
    learning
        Seconds of learning, None if its end is given in steps.
    startup
        Seconds until learning begins.
    speed
        How fast regions are made, None if that is not known yet.
    voxels
        How many count.
    """

    learning: float | None
    startup: float
    speed: Speed | None
    voxels: int

    @property
    def regions(self) -> float | None:
        """Seconds that making regions takes."""
        return None if self.speed is None else self.speed.seconds(self.voxels)

    @property
    def total(self) -> float | None:
        """Seconds to learned regions."""
        parts = (self.learning, self.startup, self.regions)
        return None if None in parts else sum(part for part in parts if part is not None)

    @property
    def is_long(self) -> bool:
        """Whether a lower resolution is worth offering."""
        return (self.regions or 0.0) > LONG

    def sentence(self) -> str:
        """What the person reads."""
        if self.regions is None:
            return "How long making regions takes is being measured."
        if self.total is None or self.learning is None:
            return f"After the steps of learning, making regions takes about {format_duration(self.regions)}."
        parts = (
            f"{format_duration(self.learning)} learning, {format_duration(self.startup + self.regions)} making regions"
        )
        warning = "⚠ " if self.is_long else ""
        return f"{warning}First regions within seconds, learned ones in about {format_duration(self.total)} ({parts})."

    def offer(self) -> str:
        """What a lower resolution saves."""
        if self.speed is None or self.regions is None:
            return ""
        return f"Work at half resolution: regions in about {format_duration(self.speed.seconds(self.voxels // HALF))}"
