"""A localizer that needs no learning: the sample is what is above 0.5. For tests of what stands on localizers."""

from types import SimpleNamespace

import numpy as np
import pytest
from pydantic import Field

from napari_hypseg.config_base import Config
from napari_hypseg.jobs import Notice, Progress
from napari_hypseg.methods import registry
from napari_hypseg.methods.localizers.base import Localizer
from napari_hypseg.volumes import Box
from napari_hypseg.volumes.proposal import Proposal


class FindingBright:
    """Stands in for `pipeline.locate`: the sample is what is above 0.5, and nothing is learned.

    Attributes
    ----------
    calls
        Names of the volumes and the settings of each call.
    on_learn
        Called while it learns.
    """

    def __init__(self):
        self.calls = []
        self.on_learn = lambda: None

    def __call__(self, volumes, settings, also=()):
        self.calls.append(([volume.name for volume in volumes], settings))
        for number, volume in enumerate((*volumes, *also)):
            np.asarray(volume.channels[0][:])  # fails if it cannot be read
            yield Progress("read", number, len(volumes))
        for step in range(3):
            self.on_learn()
            yield Progress("learn", step, 3, {"loss": 1.0 - step / 3})
        yield Notice("Everything was easy.")
        return tuple(propose(volume, settings.method) for volume in (*volumes, *also))


def propose(volume, method):
    """The box of what is above 0.5, with coarse findings of the right form."""
    bright = np.asarray(volume.channels[0][:]) > 0.5
    ends = [np.flatnonzero(bright.any(tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    box = Box(tuple(int(e[0]) for e in ends), tuple(int(e[-1]) + 1 for e in ends)) if bright.any() else volume.box
    coarse = bright[::2, ::2, ::2].astype(np.float32)
    profiles = tuple(coarse.max(tuple({0, 1, 2} - {axis})) for axis in range(3))
    notes = () if bright.any() else ("There is no sample to be told from its surroundings.",)
    return Proposal(box, 0.9 if bright.any() else 0.05, method, coarse, (2.0, 2.0, 2.0), profiles, notes)


class BrightSettings(Config):
    """One setting of its own."""

    boldness: float = Field(0.5, ge=0, le=1, title="Boldness", description="How bold it is.")


@pytest.fixture
def locating(monkeypatch):
    """Two localizers that are installed, and a `locate` that knows where the sample is."""
    made = {
        name: Localizer(name, f"The {name} one", "Looks.", BrightSettings, lambda settings, channels: None)
        for name in ("vote", "sorting")
    }
    real = registry.entry_points

    def entry_points(group):
        if group != registry.LOCALIZERS:
            return real(group)
        return [SimpleNamespace(load=lambda one=one: one, value=one.name) for one in made.values()]

    monkeypatch.setattr(registry, "entry_points", entry_points)
    fake = FindingBright()
    monkeypatch.setattr("napari_hypseg.cli.commands.locate.locate", fake)
    return fake
