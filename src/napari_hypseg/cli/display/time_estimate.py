"""The whole time to the first labels, in words, before a run begins."""

from napari_hypseg.cli.display.formatting import duration
from napari_hypseg.pipeline.speed import HALF, LONG, Speed


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
