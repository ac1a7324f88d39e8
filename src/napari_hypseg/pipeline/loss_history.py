"""The loss curve of a run, thinned so that it can be saved every few seconds."""

from typing import Any

from napari_hypseg.jobs import Notice, Progress

POINTS = 1000


class LossHistory:
    """Collects what a training job reports.

    Parameters
    ----------
    device
        Name of the device it runs on.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self._points: list[dict[str, float]] = []
        self._notices: list[str] = []

    def take(self, event: object) -> None:
        """Remember one event."""
        if isinstance(event, Notice):
            self._notices.append(event.message)
        elif isinstance(event, Progress) and event.metrics:
            self._points.append({"position": event.step, **event.metrics})
            if len(self._points) > 2 * POINTS:
                self._points = self._points[::2]

    def as_json(self) -> dict[str, Any]:
        """Plain values: device, points of the curve, notices."""
        return {"device": self._device, "history": self._points, "notices": self._notices}
