"""Progress in words: share, metrics and time left."""

from napari_hypseg.errors import HypsegError
from napari_hypseg.jobs import Progress


def in_flags(error: HypsegError) -> str:
    """The sentence of an error, with the flag that mends it, if there is one.

    >>> in_flags(HypsegError("The project exists; overwrite it.", setting="overwrite"))
    'The project exists; overwrite it (--overwrite).'
    """
    sentence = str(error)
    if error.setting is None:
        return sentence
    return f"{sentence.removesuffix('.')} (--{error.setting.replace('_', '-')})."


def percent(event: Progress) -> str:
    """Done share, empty where the end is not known."""
    return "" if event.fraction is None else f"{event.fraction:4.0%}"


def loss(event: Progress) -> str:
    """Loss in a few digits, empty if there is none."""
    return f"loss {event.metrics['loss']:.4g}" if "loss" in event.metrics else ""


def time_left(event: Progress) -> str:
    """Time left, empty if it is not known."""
    return "" if event.seconds_left is None else f"about {duration(event.seconds_left)} left"


def duration(seconds: float) -> str:
    """A time as a person says it.

    >>> duration(8.2), duration(75), duration(4000)
    ('8 s', '1 min 15 s', '1 h 6 min')
    """
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def counted(number: int, word: str) -> str:
    """A number of things.

    >>> counted(1, "step"), counted(20, "step")
    ('1 step', '20 steps')
    """
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
