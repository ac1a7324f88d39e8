"""The speed at which this machine makes regions, measured on small volumes to predict the time for a large one."""

import math
import time
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from napari_hypseg.jobs import Job, Progress
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.phantom import phantom
from napari_hypseg.volumes.specimen import Specimen
from napari_hypseg.volumes.volume import Volume

LONG = 300.0
"""Seconds of making regions from which on a lower resolution is offered."""
HALF = 8
"""Times fewer voxels there are at half resolution."""
EDGES = (32, 48, 80)
"""Edges in voxels of the volumes: the first warms up, the others give the time for a voxel and the constant time."""


@dataclass(frozen=True)
class Speed:
    """Time that regions take: `fixed` seconds, and `per_voxel` seconds for every voxel that counts."""

    fixed: float
    per_voxel: float

    def seconds(self, voxels: int) -> float:
        """Estimate for a volume in which `voxels` count."""
        return self.fixed + self.per_voxel * voxels

    @property
    def is_possible(self) -> bool:
        """Whether a machine can be as fast as that."""
        return math.isfinite(self.fixed) and self.fixed >= 0 and math.isfinite(self.per_voxel) and self.per_voxel > 0


def measure_speed(settings: RunSettings) -> Job[Speed]:
    """Make the regions of three small phantoms with a fresh model of `settings`; takes some seconds.

    Yields `Progress` of the stage ``"prepare"``.

    Raises
    ------
    SettingError
        If the method or one of its settings is unknown.
    """
    times = []
    for edge in EDGES:
        seconds = yield from _time(settings, (edge, edge, edge))
        times.append((edge**3, seconds))
    return speed_from(times[1:])


def speed_from(times: list[tuple[int, float]]) -> Speed:
    """The line through pairs of voxels and seconds, growing in size; neither of its parts is below 0."""
    (small, few), (large, many) = next(pairwise(times))
    per_voxel = max(many - few, 0.0) / (large - small) or many / large
    return Speed(max(0.0, many - per_voxel * large), per_voxel)


def speed_of_run(before: Speed | None, voxels: int, seconds: float) -> Speed | None:
    """The speed that a run shows in which regions of `voxels` took `seconds`.

    The constant time cannot be estimated from one run; it is taken from `before`. Small volumes, of which that is
    the most part, change nothing.
    """
    if voxels < EDGES[-1] ** 3:
        return before
    fixed = min(before.fixed, seconds / 2) if before else 0.0
    return Speed(fixed, (seconds - fixed) / voxels)


def _time(settings: RunSettings, shape: Index3) -> Job[float]:
    """Seconds that the regions of a phantom of `shape` (z, y, x) take."""
    import torch

    from napari_hypseg.inference.batches import make_batches
    from napari_hypseg.inference.encoder import Encoder
    from napari_hypseg.inference.memory_fallback import MemoryFallback
    from napari_hypseg.methods.registry import get_method
    from napari_hypseg.pipeline.build_segmentation import build_segmentation
    from napari_hypseg.pipeline.prepare import build_model
    from napari_hypseg.supervoxels.sampling import sparse_lattice
    from napari_hypseg.supervoxels.workspace import workspace_in_memory
    from napari_hypseg.training.checkpoint import ModelRecipe
    from napari_hypseg.training.device import resolve_device
    from napari_hypseg.volumes.intensity import measure_intensity

    method = get_method(settings.method)
    model_settings = method.settings.check(settings.model).model_dump(mode="json")
    torch.manual_seed(0)
    model = build_model(ModelRecipe(method.name, model_settings, 1, (1.0, 1.0, 1.0)))
    device = resolve_device(settings.training.device)
    model.to(device).eval()
    specimen = Specimen(Volume((np.asarray(phantom(shape, seed=0).volume.channels[0]),)))
    encoder = Encoder(model, specimen, measure_intensity(specimen), device, lattice=sparse_lattice(specimen.volume))
    workspace = workspace_in_memory([encoder])
    started = time.monotonic()
    batches = yield from make_batches([encoder])
    for _ in build_segmentation(MemoryFallback([encoder]), batches, workspace, settings.leaves.leaves, 0):
        yield Progress("prepare", 0, 1)
    return time.monotonic() - started
