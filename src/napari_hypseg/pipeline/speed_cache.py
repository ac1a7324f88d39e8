"""Measured speeds of this machine, stored in the user's cache folder."""

from pathlib import Path

import platformdirs

from napari_hypseg.pipeline.speed import Speed, speed_of_run
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.storage.user_record import UserRecord, user_file

NAME = "speeds.json"


class SpeedCache:
    """How fast regions are made here, by method and device; a file that cannot be read or written is done without.

    Parameters
    ----------
    file
        Where they are kept, None for the person's cache folder.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._record = UserRecord(file or user_file(NAME, platformdirs.user_cache_dir), dict[str, tuple[float, float]])

    def get(self, method: str, device: str = "auto") -> Speed | None:
        """The speed of a method on a device as the settings name it, None if it is not known."""
        return self._speeds().get(_key(method, device))

    def put(self, method: str, device: str, speed: Speed) -> None:
        """Keep a speed."""
        self._record.update(lambda speeds: {**speeds, _key(method, device): (speed.fixed, speed.per_voxel)})

    def learn_from(self, project: Project) -> Speed | None:
        """Keep what the newest regions of `project`, made just now and here, say about this machine."""
        made, settings = project.segmentation, project.settings
        seconds = None if made is None else made.record.get("seconds")
        if made is None or made.from_filters or not isinstance(seconds, int | float):
            return None
        voxels = int(made.hierarchy.sizes[: made.hierarchy.n_leaves].sum())
        before = self.get(*_names(settings))
        if (speed := speed_of_run(before, voxels, float(seconds))) is not None and speed != before:
            self.put(*_names(settings), speed)
        return speed

    def of(self, settings: RunSettings) -> Speed | None:
        """The speed for a run with `settings`."""
        return self.get(*_names(settings))

    def _speeds(self) -> dict[str, Speed]:
        speeds = {key: Speed(*pair) for key, pair in self._record.read().items()}
        return {key: speed for key, speed in speeds.items() if speed.is_possible}


def _names(settings: RunSettings) -> tuple[str, str]:
    return settings.method, settings.training.device


def _key(method: str, device: str) -> str:
    return f"{method} {device}"
