"""The whole time to the first labels, in words, before a run begins."""

from typing import TYPE_CHECKING

from napari_hypseg.cli.display.display import Display
from napari_hypseg.cli.display.formatting import duration
from napari_hypseg.cli.interrupts import drive_interruptible
from napari_hypseg.pipeline.speed import HALF, LONG, Speed
from napari_hypseg.pipeline.speed_cache import SpeedCache

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project


def tell_time(project: "Project", display: Display, learning: bool) -> None:
    """Say how long it takes to the first labels; of a large volume it is measured where it is not known yet."""
    from napari_hypseg.pipeline.speed import EDGES, measure_speed

    voxels = sum(specimen.region.size for specimen in project.specimens)
    known = SpeedCache()
    speed = known.of(project.settings)
    if speed is None and voxels > EDGES[-1] ** 3:
        speed = drive_interruptible(measure_speed(project.settings), display.show)
        known.put(project.settings.method, project.settings.training.device, speed)
    training = project.settings.training
    seconds = 60 * training.minutes if training.steps is None else None
    display.say(time_to_labels(seconds if learning else 0.0, speed, voxels))


def time_to_labels(learning: float | None, speed: Speed | None, voxels: int) -> str:
    """The time to the first labels before anything has begun.

    Parameters
    ----------
    learning
        Seconds of learning, 0 without it, None if its end is given in steps.
    speed
        How fast regions are made here, None where a small volume is not worth measuring it.
    voxels
        How many count.

    >>> time_to_labels(120.0, Speed(2.0, 1e-4), 1_000_000)
    'About 3 min 42 s to the first labels: 2 min 0 s learning, 1 min 42 s making regions.'
    >>> time_to_labels(None, None, 1000)
    'After the steps of learning, making regions takes some seconds.'
    """
    regions = None if speed is None else speed.seconds(voxels)
    making = "some seconds" if regions is None else duration(regions)
    if learning is None:
        return f"After the steps of learning, making regions takes {making}." + _sooner(speed, voxels)
    if not learning:
        return f"Making regions takes {making}." + _sooner(speed, voxels)
    total = f"About {duration(learning + (regions or 0.0))} to the first labels"
    return f"{total}: {duration(learning)} learning, {making} making regions." + _sooner(speed, voxels)


def _sooner(speed: Speed | None, voxels: int) -> str:
    """What a lower resolution saves where it is long."""
    if speed is None or speed.seconds(voxels) <= LONG:
        return ""
    return f" At half resolution (--bin 2) the regions take {duration(speed.seconds(voxels // HALF))}."
