"""An event of applying a project to many volumes; it is a file of its own so that the window need not load the rest."""

from dataclasses import dataclass


@dataclass(frozen=True)
class VolumeEnded:
    """A volume is done or could not be used; one sentence says which."""

    sentence: str
