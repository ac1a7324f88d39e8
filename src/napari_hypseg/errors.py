"""Errors a person reads: one sentence that names the file or setting and the next step.

Everything the project raises on purpose is a `HypsegError`; the window shows its text as a notification
and the command prints it and leaves with `exit_code`. Anything else is a defect and goes to the log.
"""


class HypsegError(Exception):
    """Base of every error meant for the person at the screen.

    Parameters
    ----------
    sentence
        What the person reads, in words that fit window, command and Python alike.
    setting
        Name of the setting that mends it, None if there is none; the command adds it to the sentence as a flag.
    """

    exit_code = 1

    def __init__(self, sentence: str = "", setting: str | None = None) -> None:
        super().__init__(sentence)
        self.setting = setting


class InputError(HypsegError):
    """A file, a volume or a mask cannot be used as it is."""

    exit_code = 3


class SettingError(HypsegError):
    """A setting is outside what it allows."""

    exit_code = 2


class OutputError(HypsegError):
    """Something could not be written."""

    exit_code = 4


class ProjectError(HypsegError):
    """A project folder is missing, in the way, or damaged."""

    exit_code = 5


class NoDecoderError(HypsegError):
    """The method learns no decoder, so nothing can be drawn from what it learned."""
